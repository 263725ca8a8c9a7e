"""The smallest file is served whose answers are as good."""

from __future__ import annotations

import pytest

from models.compile import Compiled, CompileError, choose

MEGABYTE = 1_000_000
SIZES = {"fp32": 40, "fp16": 20, "int8": 10}
GOOD = {"accuracy": 0.85, "macro_auc": 0.96}


def make(precision: str, **differences: float) -> Compiled:
    return Compiled(precision, bytes(SIZES[precision] * MEGABYTE), differences.get(precision, 1e-5))


def validate(**by_precision: dict[str, float]):
    """Figures of a file: what is said for its precision, known by its size; else the good ones."""
    figures = {SIZES[precision] * MEGABYTE: found for precision, found in by_precision.items()}
    return lambda content: figures.get(len(content), GOOD)


def test_without_photographs_nothing_is_rounded() -> None:
    chosen, differences = choose(make, "auto", None)

    assert chosen.precision == "fp32"
    assert differences == {}


def test_the_smallest_file_is_chosen_that_is_as_good() -> None:
    chosen, differences = choose(make, "auto", validate(int8={"accuracy": 0.848, "macro_auc": 0.961}))

    assert chosen.precision == "int8"
    assert differences == pytest.approx({"accuracy": -0.002, "macro_auc": 0.001})


def test_a_file_that_costs_half_a_point_is_not_chosen() -> None:
    chosen, _ = choose(make, "auto", validate(int8={"accuracy": 0.845, "macro_auc": 0.96}))

    assert chosen.precision == "fp16"


def test_a_file_that_answers_otherwise_than_the_keras_network_is_not_chosen() -> None:
    def careless(precision: str) -> Compiled:
        return make(precision, fp16=0.02)

    chosen, _ = choose(careless, "auto", validate(int8={"accuracy": 0.7, "macro_auc": 0.9}))

    assert chosen.precision == "fp32"


def test_what_was_asked_for_and_is_too_large_is_refused() -> None:
    def large(precision: str) -> Compiled:
        return Compiled(precision, bytes(103 * MEGABYTE), 1e-5)

    with pytest.raises(CompileError, match="fp16 makes a file of 103 MB, and none may have 60"):
        choose(large, "fp16", None)


def test_the_figures_that_forbid_a_precision_are_named() -> None:
    with pytest.raises(CompileError, match=r"int8 changes accuracy by -5\.0 points"):
        choose(make, "int8", validate(int8={"accuracy": 0.80, "macro_auc": 0.96}))


def test_eight_bits_are_not_taken_on_trust() -> None:
    with pytest.raises(CompileError, match="--data"):
        choose(make, "int8", None)
