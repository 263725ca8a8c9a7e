"""What a card says of patients like this one, and what a call is worth at another prevalence."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.known_ground import KnownGround, age_band, known_ground
from models.operating_point import predictive_values
from tests.fakes import CARD

FOUND = {
    **CARD.metrics["ham7-grouped"],
    "lesions": 90,
    "subgroups": {
        "age": {"60 to 74": {"n": 30, "lesions": 20}, "unknown": {"n": 1, "lesions": 1}},
        "sex": {"female": {"n": 70, "lesions": 50}},
        "site": {"back": {"n": 50, "lesions": 40}},
    },
    "lesions_by_patient": {
        "60 to 74 | female | back": 7,
        "60 to 74 | male | back": 3,
        "under 30 | female | face": 2,
    },
}
MEASURED = replace(CARD, metrics={"ham7-grouped": FOUND})


def test_lesions_like_the_patients_are_counted() -> None:
    assert known_ground(MEASURED, 61, "female", "back") == KnownGround(90, "60 to 74", 20, 50, 40, 7)


def test_what_was_not_given_is_not_counted() -> None:
    ground = known_ground(MEASURED, None, "female", None)

    assert ground == KnownGround(90, None, None, 50, None, together=9)
    assert known_ground(MEASURED, None, None, None) == KnownGround(90, None, None, None, None, None)


def test_a_site_without_a_test_lesion_counts_none() -> None:
    ground = known_ground(MEASURED, 61, None, "acral")

    assert ground is not None
    assert (ground.site, ground.together) == (0, 0)


def test_what_is_not_known_of_the_test_lesions_is_not_called_none() -> None:
    bare = replace(CARD, metrics={"ham7-grouped": {**FOUND, "subgroups": {}, "lesions_by_patient": None}})

    assert known_ground(bare, 61, "female", "back") == KnownGround(90, "60 to 74", None, None, None, None)


@pytest.mark.parametrize("learned_from", [12, None])
def test_a_measurement_that_leaks_is_no_known_ground(learned_from: int | None) -> None:
    leaking = replace(CARD, metrics={"ham7-grouped": {**FOUND, "lesions_learned_from": learned_from}})

    assert leaking.held_out("accuracy") is None
    assert known_ground(leaking, 61, "female", "back") is None


@pytest.mark.parametrize(
    ("age", "band"),
    [
        (None, "unknown"),
        (0, "under 30"),
        (29.9, "under 30"),
        (30, "30 to 44"),
        (45.0, "45 to 59"),
        (74, "60 to 74"),
        (75.0, "75 and over"),
    ],
)
def test_ages_fall_into_bands(age: float | None, band: str) -> None:
    assert age_band(age) == band


def test_predictive_values_follow_the_prevalence() -> None:
    rare, common = predictive_values(0.95, 0.70, 0.02), predictive_values(0.95, 0.70, 0.50)

    assert rare == pytest.approx((0.019 / (0.019 + 0.294), 0.686 / (0.686 + 0.001)))
    assert common == pytest.approx((0.95 / 1.25, 0.70 / 0.75))


def test_a_call_that_is_never_made_has_no_value() -> None:
    assert predictive_values(0.0, 1.0, 0.3) == (None, 0.7)
    assert predictive_values(1.0, 0.0, 0.3) == (0.3, None)


def test_a_share_beyond_one_is_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        predictive_values(95, 70, 0.02)
