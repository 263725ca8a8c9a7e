"""What fuzzing starts from, and what it has found, is read again."""

from __future__ import annotations

import random

import pytest

from config import ROOT
from fuzz.changing import changed, mended
from fuzz.judging import judge
from fuzz.targets import TARGETS
from tests.hostile import flipped, picture
from tests.pictures import png

FINDINGS = ROOT / "tests" / "findings"


@pytest.mark.parametrize("target", TARGETS)
def test_what_fuzzing_starts_from_and_what_it_has_found_is_read_or_refused(target: str) -> None:
    seeds, found = list(TARGETS[target].seeds()), [path.read_bytes() for path in FINDINGS.glob(f"{target}-*")]

    for content in (*seeds, *found):
        judge(target, content)

    assert seeds


@pytest.mark.parametrize("target", TARGETS)
def test_a_few_changed_files_are_read_or_refused(target: str) -> None:
    dice, seeds = random.Random(4), list(TARGETS[target].seeds())  # noqa: S311 - damage, not a secret

    for _ in range(100):
        judge(target, changed(dice, seeds))


def test_a_reader_that_breaks_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TARGETS, "sheets", TARGETS["sheets"]._replace(read=lambda content: {}[content]))

    with pytest.raises(KeyError):
        judge("sheets", b"a")


def test_a_changed_png_has_sound_checksums_again() -> None:
    assert mended(flipped(png(picture()), 30)) == png(picture())
