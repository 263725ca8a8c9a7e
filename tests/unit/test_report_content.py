import dataclasses
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone

import pytest

from app.results.measurement import NOT_MEASURED, measurement
from app.results.report.clinic import Clinic
from app.results.report.content import NOT_ACCEPTED, NOT_GIVEN, report_content
from app.results.report.text import one_line
from app.results.tables import Analysis
from app.results.wording import SPACE
from config import ROOT
from models.card import Card
from models.labels import BINARY, HAM7
from tests.fakes import CARD, HEATMAP

NEVUS = {"akiec": 0.02, "bcc": 0.04, "bkl": 0.11, "df": 0.006, "mel": 0.25, "nv": 0.571, "vasc": 0.003}


def an_analysis(**columns) -> Analysis:
    ordinary = {
        "public_id": "q3Vb0_8aXz-1LmNoPqRsTu",
        "created_at": datetime(2026, 3, 7, 14, 5, tzinfo=UTC),
        "patient_name": "Ingrid Sørensen",
        "age": 54,
        "sex": "female",
        "body_site": "lower extremity",
        "note": None,
        "model_name": CARD.name,
        "model_version": CARD.version,
        "label": "nv",
        "probabilities": NEVUS,
        "malignancy": 0.31,
        "accepted": True,
        "reasons": [],
        "heatmap": [list(row) for row in HEATMAP],
        "width": 600,
        "height": 450,
        "frame_left": 75,
        "frame_top": 0,
        "frame_side": 450,
    }
    return Analysis(**{**ordinary, **columns})


def content_of(card: Card | None = CARD, labels=HAM7.labels, **columns):
    return report_content(an_analysis(**columns), clinic=Clinic("St Anna"), card=card, labels=labels)


def facts_of(content):
    return {fact.name: fact.value for fact in content.facts}


def test_it_names_patient_clinic_date_and_analysis():
    content = content_of()

    assert content.clinic == "St Anna"
    assert content.patient == "Ingrid Sørensen"
    assert content.date == "7 March 2026, 14:05 UTC"
    assert content.analysis_id == "q3Vb0_8aXz-1LmNoPqRsTu"
    assert facts_of(content) == {"Age": f"54{SPACE}years", "Sex": "Female", "Body site": "Lower extremity"}


def test_a_time_of_another_zone_is_told_in_utc():
    east = timezone(timedelta(hours=9))

    content = content_of(created_at=datetime(2026, 1, 1, 3, 0, tzinfo=east))

    assert content.date == "31 December 2025, 18:00 UTC"


def test_what_was_not_given_is_said_to_be_so():
    content = content_of(age=None, sex=None, body_site=None, note=None)

    assert set(facts_of(content).values()) == {NOT_GIVEN}
    assert content.note == ()


def test_an_age_of_nought_is_an_age():
    assert facts_of(content_of(age=0))["Age"] == f"0{SPACE}years"


def test_all_classes_are_listed_by_full_name_the_most_likely_first():
    classes = content_of().classes

    assert {each.name for each in classes} == {label.name for label in HAM7.labels}
    assert [each.share for each in classes] == sorted(NEVUS.values(), reverse=True)
    assert [each.name for each in classes if each.malignant] == [
        "Melanoma", "Basal cell carcinoma", "Actinic keratosis or intraepithelial carcinoma",
    ]  # fmt: skip


def test_no_figure_is_ever_nought_or_a_hundred_percent():
    content = content_of(
        labels=BINARY.labels, label="benign", malignancy=0.0, probabilities={"benign": 1.0, "malignant": 0.0}
    )

    assert content.malignancy == f"<{SPACE}1{SPACE}%"
    assert {each.percent for each in content.classes} == {f">{SPACE}99{SPACE}%", f"<{SPACE}1{SPACE}%"}


def test_malignancy_says_what_it_is_made_of():
    seven = content_of().malignancy_meaning
    two = content_of(labels=BINARY.labels, label="benign", probabilities={"benign": 0.8, "malignant": 0.2})

    assert "actinic keratosis or intraepithelial carcinoma, basal cell carcinoma and melanoma together" in seven
    assert two.malignancy_meaning == "The probability of the class “malignant”."


def test_each_class_has_a_second_figure_where_the_patients_facts_were_weighed_in():
    weighed = dict.fromkeys(NEVUS, 0.1) | {"nv": 0.4}

    known, unknown = content_of(probabilities_with_patient=weighed), content_of()

    assert known.second is not None
    assert [each.with_patient for each in known.classes] == [f"40{SPACE}%", *[f"10{SPACE}%"] * 6]
    assert [each.percent for each in known.classes] == [each.percent for each in unknown.classes]
    assert {each.with_patient for each in unknown.classes} == {""}
    assert unknown.second is content_of(probabilities_with_patient=weighed, accepted=False).second is None


def test_a_photograph_that_was_not_accepted_is_warned_of():
    content = content_of(accepted=False, reasons=["blurred"])

    assert content.warning == NOT_ACCEPTED
    assert [caution.problem for caution in content.cautions] == ["The photograph looks blurred."]


def test_a_good_photograph_has_no_warning():
    assert content_of().warning == ""


def test_the_classifiers_figures_come_with_their_intervals_and_data():
    content = content_of()

    assert content.classifier == "MobileNetV2, version 1.0.0"
    assert "2,003 photographs (HAM10000, lesions never seen in training)" in content.measured_on
    assert {fact.name: fact.value for fact in content.figures} == {
        "Accuracy": f"84.0{SPACE}% (82.0 to 86.0)",
        "Balanced accuracy": f"72.0{SPACE}% (68.0 to 76.0)",
        "AUC, mean of the classes": "0.965 (0.955 to 0.974)",
        "AUC, malignant or benign": "0.931 (0.918 to 0.943)",
    }


def test_a_split_that_leaks_is_not_called_unseen():
    card = dataclasses.replace(
        CARD, training={"split": "ham7-random"}, metrics={"ham7-random": CARD.metrics["ham7-grouped"]}
    )

    measured_on, _ = measurement(card)

    assert "never seen" not in measured_on
    assert "seen in training too" in measured_on


@pytest.mark.parametrize(
    "card", [None, dataclasses.replace(CARD, version="2.0.0"), dataclasses.replace(CARD, metrics={})]
)
def test_no_figures_are_shown_but_those_of_the_version_that_answered(card):
    content = content_of(card=card)

    assert content.figures == ()
    assert content.measured_on == NOT_MEASURED
    assert content.classifier.endswith("version 1.0.0")


def test_the_frame_is_told_in_fractions_and_stays_in_the_picture():
    frame = content_of(frame_left=150, frame_top=45, frame_side=406).frame

    assert (frame.left, frame.top, frame.bottom) == (0.25, 0.1, 1.0)
    assert 0.25 < frame.right < 1.0


def test_names_are_composed_and_freed_of_control_and_direction_marks():
    assert one_line("Nguye\u0302\u0303n\u202e\x00\t Thi\u0323\n Ánh\u200b ") == "Nguyễn Thị Ánh"


def test_a_note_keeps_its_lines():
    assert content_of(note="First.\r\n\n  Second.\n").note == ("First.", "Second.")


def test_a_note_of_very_many_lines_is_set_as_running_text():
    note = content_of(note="x\n" * 1000).note

    assert len(note) == 1
    assert note[0].startswith("x / x / x")


def test_content_is_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        content_of().patient = "Somebody else"


def test_neither_the_words_nor_the_web_start_load_reportlab():
    code = "import sys, app.results.report, app.results.report.content; sys.exit('reportlab' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
