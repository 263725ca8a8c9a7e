import dataclasses

import pytest

from app.results.reliability import FEW, UNRECORDED, UNSTABLE, ground, stability
from tests.fakes import CARD
from tests.unit.test_report_content import an_analysis

HELD_OUT = CARD.metrics["ham7-grouped"]


def a_card(**figures):
    return dataclasses.replace(CARD, metrics={"ham7-grouped": {**HELD_OUT, **figures}})


def remarks(card=CARD, **columns):
    return {remark.text: remark.caution for remark in ground(an_analysis(**columns), card).lesions}


@pytest.mark.parametrize(
    ("changed", "times"), [(0, "in none of 8 views"), (1, "in 1 of 8 views"), (UNSTABLE, f"in {UNSTABLE} of 8 views")]
)
def test_stability_is_told_in_views_and_cautions_from_the_limit_on(changed, times):
    found = stability(an_analysis(views=8, views_changed=changed))

    assert f"The answer changed {times} (mirrored, turned, in slightly different light)." in found.text
    assert found.caution == (changed >= UNSTABLE)


@pytest.mark.parametrize("columns", [{}, {"views": 0, "views_changed": 0}, {"views": 8, "accepted": False}])
def test_nothing_is_said_of_views_that_were_not_looked_at_or_of_no_answer(columns):
    assert stability(an_analysis(**columns)) is None


def test_it_counts_test_lesions_like_the_patients():
    assert remarks() == {
        "The classifier was measured on 1,491 test lesions.": False,
        "574 were of patients aged 45 to 59.": False,
        "699 were of female patients.": False,
        "310 were of the body site “lower extremity”.": False,
        "87 were of all of these together.": False,
    }


def test_only_what_was_given_is_counted():
    assert list(remarks(age=None, sex=None, body_site="back")) == [
        "The classifier was measured on 1,491 test lesions.",
        "300 were of the body site “back”.",
    ]


@pytest.mark.parametrize(
    ("count", "caution"), [(FEW, False), (FEW - 1, True), (1, True), (0, True)]
)  # fmt: skip
def test_a_small_number_is_a_reason_for_caution(count, caution):
    card = a_card(subgroups={**HELD_OUT["subgroups"], "sex": {"female": {"lesions": count}}})

    found = {text: flag for text, flag in remarks(card).items() if "female" in text}

    assert list(found.values()) == [caution]


def test_a_site_without_a_single_test_lesion_is_named():
    assert remarks(body_site="acral")["None was of the body site “acral”: nothing is known of how it does there."]


def test_what_is_not_on_record_is_said_to_be_missing():
    assert remarks(a_card(subgroups={}, lesions_by_patient=None)) == {
        "The classifier was measured on 1,491 test lesions.": False,
        UNRECORDED: True,
    }


def test_it_names_what_was_never_measured():
    assert ground(an_analysis(), CARD).never == "Never measured: skin types V and VI."


@pytest.mark.parametrize(
    ("card", "columns"), [(None, {}), (a_card(lesions_learned_from=97), {}), (CARD, {"accepted": False})]
)
def test_without_a_measurement_or_an_answer_there_is_no_known_ground(card, columns):
    assert ground(an_analysis(**columns), card) is None
