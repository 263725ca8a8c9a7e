from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.results.second_reading import SecondReading, invitation, second_reading
from models.labels import BINARY
from tests.fakes import CARD, LEARNED_CARD
from tests.unit.test_report_content import NEVUS, an_analysis

MELANOMA = {"akiec": 0.02, "bcc": 0.05, "bkl": 0.1, "df": 0.01, "mel": 0.41, "nv": 0.4, "vasc": 0.01}
BASAL = {"akiec": 0.03, "bcc": 0.52, "bkl": 0.1, "df": 0.01, "mel": 0.11, "nv": 0.22, "vasc": 0.01}
HARMLESS = {"akiec": 0.01, "bcc": 0.01, "bkl": 0.06, "df": 0.01, "mel": 0.05, "nv": 0.85, "vasc": 0.01}


def reading(card: Any = LEARNED_CARD, **columns: Any) -> SecondReading:
    ordinary = {"age": 70, "sex": "male", "body_site": "face", "label": "mel", "probabilities": MELANOMA}
    ordinary |= {"malignancy": 0.48, "probabilities_with_patient": BASAL}
    found = second_reading(an_analysis(**ordinary | columns), card)
    assert found is not None
    return found


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_both_readings_stand_beside_each_other() -> None:
    second = reading()

    assert [(at.source, plain(at.figures)) for at in (second.alone, second.weighed)] == [
        ("From the photograph alone", "melanoma 41 %, malignancy 48 %"),
        ("With age 70 and body site face", "basal cell carcinoma 52 %, malignancy 66 %"),
    ]


@pytest.mark.parametrize(
    ("columns", "title", "source"),
    [
        ({}, "With age and body site", "With age 70 and body site face"),  # the classifier gives sex no weight
        ({"age": None}, "With body site", "With body site face"),
        ({"sex": None, "body_site": None}, "With age", "With age 70"),
        ({"card": None}, "With age, sex and body site", "With age 70, sex male and body site face"),
    ],
)
def test_only_the_facts_that_were_weighed_in_are_named(columns: dict[str, Any], title: str, source: str) -> None:
    second = reading(**columns)

    assert (second.title, second.weighed.source) == (title, source)
    assert f"The weight of {title.removeprefix('With ')} is learned" in second.explanation


def test_another_class_is_said_in_a_sentence() -> None:
    assert reading().changes == ("The most likely class changes, from melanoma to basal cell carcinoma.",)
    assert reading(probabilities_with_patient=MELANOMA).changes == ()


@pytest.mark.parametrize(
    ("alone", "malignancy", "weighed", "sentence"),
    [
        (MELANOMA, 0.48, HARMLESS | {"mel": 0.04}, "falls below the alert threshold of 12 %: this is no all-clear."),
        (HARMLESS, 0.07, BASAL, "rises above the alert threshold of 12 %."),
        (HARMLESS, 0.07, HARMLESS | {"mel": 0.1}, "rises above the alert threshold of 12 %."),  # 12 % is above
    ],
)
def test_the_other_side_of_the_alert_threshold_is_said_in_a_sentence(
    alone: dict[str, float], malignancy: float, weighed: dict[str, float], sentence: str
) -> None:
    label = max(alone, key=lambda code: alone[code])

    second = reading(label=label, probabilities=alone, malignancy=malignancy, probabilities_with_patient=weighed)

    assert plain(second.changes[-1]) == f"The malignancy {sentence}"


@pytest.mark.parametrize("card", [None, replace(LEARNED_CARD, operating_points={})])
def test_without_a_threshold_nothing_is_said_of_one(card: Any) -> None:
    second = reading(card, probabilities_with_patient=HARMLESS)

    assert len(second.changes) == 1
    assert "settings" not in second.explanation


def test_of_two_classes_both_are_named_as_they_are() -> None:
    card = replace(LEARNED_CARD, name="alexnet-binary", classes=BINARY.codes)
    shares = {"benign": 0.3, "malignant": 0.7}

    second = reading(
        card, model_name=card.name, label="malignant", probabilities=shares, probabilities_with_patient=shares
    )

    assert plain(second.weighed.figures) == "malignant 70 %, malignancy 70 %"


@pytest.mark.parametrize("columns", [{"probabilities_with_patient": None}, {"accepted": False}])
def test_there_is_no_second_reading_without_facts_or_without_an_answer(columns: dict[str, Any]) -> None:
    analysis = an_analysis(**{"probabilities_with_patient": NEVUS, **columns})

    assert second_reading(analysis, LEARNED_CARD) is None


@pytest.mark.parametrize(
    ("card", "columns", "invited"),
    [
        (LEARNED_CARD, {}, True),
        (LEARNED_CARD, {"sex": "male"}, True),  # which weighs nothing
        (LEARNED_CARD, {"age": 0}, False),
        (LEARNED_CARD, {"accepted": False}, False),
        (CARD, {}, False),
        (None, {}, False),
    ],
)
def test_it_invites_to_give_what_counts_where_nothing_of_it_was(card: Any, columns: Any, invited: bool) -> None:
    analysis = an_analysis(**{"age": None, "sex": None, "body_site": None, **columns})

    assert invitation(analysis, card) == (
        "Giving age and body site with a test adds a second reading beside that of the photograph alone."
        if invited
        else ""
    )
