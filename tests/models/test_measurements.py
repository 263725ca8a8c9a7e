"""The figures in the repository: each can be recomputed, each page shows them, and the networks still give them."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from models.card import read_card
from models.evaluation.measurements import (
    MEASUREMENTS,
    WEIGHTS,
    Measurement,
    all_measurements,
    kept_predictions,
    stem,
)
from models.evaluation.metrics import measure
from models.evaluation.pages import DOCS, write_pages
from models.evaluation.predictions import predict_photographs
from models.registry import Registry

DATA = Path(__file__).parents[3] / "shared" / "data"
MEASURED = all_measurements()
SHIPPED = [one for one in MEASURED if one.shipped and one.own]
SLICE = 60


def named(one: Measurement) -> str:
    return f"{one.split}/{one.card.name}, seed {one.seed}"


def test_every_shipped_classifier_was_measured_on_lesions_that_it_never_saw() -> None:
    cards = [read_card(path.parent) for path in WEIGHTS.glob("*/card.json")]

    assert [card.name for card in cards if card.held_out("accuracy") is None] == []


@pytest.mark.parametrize("one", MEASURED, ids=named)
def test_figures_can_be_recomputed_from_the_kept_predictions(one: Measurement) -> None:
    predictions = kept_predictions(MEASUREMENTS, one)

    overall = measure(predictions.sample).overall

    assert (len(predictions), len(set(predictions.lesions))) == (one.figures["n"], one.figures["lesions"])
    for name in ("accuracy", "malignant_auc"):
        assert overall[name][0] == pytest.approx(one.figures[name]["value"], abs=1e-4)


@pytest.mark.parametrize("one", SHIPPED, ids=named)
def test_the_spread_on_a_card_can_be_recomputed_from_the_kept_predictions(one: Measurement) -> None:
    malignancies = kept_predictions(MEASUREMENTS, one).sample.malignancy.tolist()

    edges, counts = (one.figures["spread"][name] for name in ("edges", "counts"))

    assert len(counts) == len(edges) + 1
    for number, edge in enumerate(edges, start=1):
        assert sum(counts[:number]) == sum(malignancy < edge for malignancy in malignancies)
    assert sum(counts) == len(malignancies)


def test_no_predictions_are_kept_of_which_no_card_has_the_figures() -> None:
    wanted = {f"{one.split}/{stem(one.card)}.csv" for one in MEASURED}

    assert {path.relative_to(MEASUREMENTS).as_posix() for path in MEASUREMENTS.glob("*/*.csv")} == wanted


def test_the_pages_show_the_figures_that_were_measured(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    for picture in DOCS.glob("models/*/*.png"):  # a card's page shows the pictures that are there
        (tmp_path / picture.relative_to(DOCS)).parent.mkdir(exist_ok=True)
        (tmp_path / picture.relative_to(DOCS)).touch()

    pages = write_pages(WEIGHTS, MEASUREMENTS, tmp_path)

    assert [path.name for path in pages if path.read_text() != (DOCS / path.relative_to(tmp_path)).read_text()] == []


@pytest.mark.photographs
@pytest.mark.parametrize("one", SHIPPED, ids=named)
def test_the_network_still_answers_what_was_kept(one: Measurement) -> None:
    if not DATA.is_dir():
        pytest.skip("the real photographs are not there")
    kept = kept_predictions(MEASUREMENTS, one)
    chosen = sorted(random.Random(0).sample(range(len(kept)), SLICE))  # noqa: S311 - a sample, no secret

    now, _ = predict_photographs(Registry(WEIGHTS)[one.card.name], [kept.photographs[i] for i in chosen], DATA, "kept")

    assert now.probabilities == pytest.approx(kept.probabilities[chosen], abs=1e-4)
