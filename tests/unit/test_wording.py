from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.inference import REASONS
from app.results.wording import RETAKE, band, cautions, certainty, percent
from models.labels import BINARY, HAM7

SPACE = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("probability", "words"),
    [
        (0.0, "< 1 %"),
        (0.0099999, "< 1 %"),
        (0.01, "1 %"),
        (0.014, "1 %"),
        (0.5, "50 %"),
        (0.9899, "99 %"),
        (0.99, "99 %"),
        (0.990001, "> 99 %"),
        (0.995, "> 99 %"),
        (1.0, "> 99 %"),
    ],
)
def test_percent_is_whole_and_stays_off_the_ends(probability: float, words: str) -> None:
    assert percent(probability) == words.replace(" ", SPACE)


@given(st.floats(0, 1))
def test_percent_never_claims_certainty(probability: float) -> None:
    assert re.search(r"\d+", percent(probability))[0] not in ("0", "100")  # type: ignore[index]  # None fails the test as well


@pytest.mark.parametrize(
    ("top", "second", "phrase"),
    [
        (0.97, 0.02, "clearly favours melanoma (97 %). It can still be wrong."),
        (0.70, 0.20, "favours melanoma (70 %); melanocytic nevus comes next (20 %)."),
        (0.45, 0.20, "leans towards melanoma (45 %), but is not sure"),
        (0.48, 0.45, "leans towards melanoma (48 %), but melanocytic nevus is nearly as likely (45 %)."),
        (0.57, 0.43, "leans towards melanoma (57 %), but melanocytic nevus is nearly as likely (43 %)."),
    ],
)
def test_certainty_depends_on_the_first_class_and_its_lead(top: float, second: float, phrase: str) -> None:
    labels = {label.code: label for label in HAM7.labels}

    sentence = certainty([(labels["mel"], top), (labels["nv"], second)])

    assert phrase.replace(" %", f"{SPACE}%") in sentence


def test_a_binary_class_reads_as_a_lesion() -> None:
    benign, malignant = BINARY.labels

    sentence = certainty([(malignant, 0.7), (benign, 0.3)])

    assert "favours a malignant lesion" in sentence
    assert "a benign lesion comes next" in sentence


def test_every_reason_has_a_remedy() -> None:
    assert set(RETAKE) == set(REASONS)


def test_a_reason_of_a_later_version_is_named() -> None:
    (caution,) = cautions(["ruler"])

    assert "ruler" in caution.problem


@pytest.mark.parametrize(
    ("malignancy", "level"),
    [(0.0, "low"), (0.1199, "low"), (0.12, "raised"), (0.59, "raised"), (0.6, "high"), (1.0, "high")],
)
def test_a_band_lies_between_the_operating_points(malignancy: float, level: str) -> None:
    found = band(malignancy, {"sensitivity_95": 0.12, "specificity_95": 0.6})

    assert found is not None
    assert found.level == level


def test_without_operating_points_there_is_no_band() -> None:
    assert band(0.9, {}) is None
    assert band(0.9, {"youden": 0.4}) is None


def test_one_operating_point_gives_two_bands() -> None:
    assert band(0.1, {"sensitivity_95": 0.12}).level == "low"  # type: ignore[union-attr]  # None fails it too
    assert band(0.99, {"sensitivity_95": 0.12}).level == "raised"  # type: ignore[union-attr]  # None fails it too


def test_a_low_band_does_not_give_the_all_clear() -> None:
    found = band(0.05, {"sensitivity_95": 0.12})

    assert found is not None
    assert "one in twenty malignant lesions falls below it" in found.meaning


def test_nothing_is_said_of_an_answer_to_a_picture_that_was_not_accepted() -> None:
    labels = {label.code: label for label in HAM7.labels}

    sentence = certainty([(labels["mel"], 0.98), (labels["nv"], 0.01)], accepted=False)

    assert "say nothing about the lesion" in sentence
    assert "melanoma" not in sentence


def test_a_picture_that_was_not_accepted_can_alarm_but_not_reassure() -> None:
    points = {"sensitivity_95": 0.1}

    assert band(0.05, points, accepted=False) is None
    assert band(0.2, points, accepted=False) == band(0.2, points)
