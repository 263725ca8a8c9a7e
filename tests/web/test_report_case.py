"""What a report tells of the case: verdicts, the lesion's course, similar cases, and the clinic."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from PIL import Image
from pypdf import PdfReader
from sqlalchemy import event

from app.clock import now
from app.extensions import db
from app.results.verdicts.services import give
from app.results.verdicts.tables import ASSESSMENT, DIAGNOSIS
from tests.factories import make_analysis, make_lesion, make_outline
from tests.web.test_reports import words_of

KNOWN = {"lesion_id": "HAM_1", "label": "mel", "confirmed_by": "histo", "similarity": 0.934}


@pytest.fixture
def lesion(session, patient):
    return make_lesion(session, patient, label="Left <shoulder>")


@pytest.fixture
def photograph(session, owner, storage, patient, lesion):
    """Make a photograph of the lesion, so many days ago."""

    def make(days: int, **columns):
        kept = {"patient_id": patient.id, "lesion_id": lesion.id, "storage": storage}
        return make_analysis(session, owner, **kept, created_at=now() - timedelta(days=days), **columns)

    return make


def report(client, analysis) -> bytes:
    response = client.get(f"/results/{analysis.public_id}/report.pdf")

    assert response.status_code == 200, response.text
    return response.data


def test_the_verdicts_in_force_are_told_with_who_and_how(reader, session, owner, photograph):
    analysis = photograph(0)
    give(session, analysis, author=owner, kind=ASSESSMENT, label="mel", note="Irregular network.")
    give(session, analysis, author=owner, kind=ASSESSMENT, label="nv", note="On second thoughts.")
    give(session, analysis, author=owner, kind=DIAGNOSIS, label="bcc", basis="histology")
    session.commit()

    words = words_of(report(reader, analysis))

    assert "Confirmed diagnosis: Basal cell carcinoma, by histology" in words
    assert "Own assessment: Melanocytic nevus" in words
    assert f"{owner.name}, " in words
    assert "On second thoughts." in words
    assert "Irregular network." not in words


def test_without_a_verdict_it_says_that_none_is_recorded(reader, photograph):
    assert "No assessment is recorded." in words_of(report(reader, photograph(0)))


def test_the_course_tells_of_earlier_photographs_and_of_no_later_one(reader, photograph):
    first, reported, later = (
        photograph(90, malignancy=0.07),
        photograph(30, malignancy=0.33),
        photograph(1, malignancy=0.81),
    )

    words = words_of(report(reader, reported))

    assert "Course of the lesion “Left <shoulder>”" in words
    assert "malignancy 7 %" in words
    assert "malignancy 33 %" in words
    assert "81 %" not in words
    assert "Measured change from" in words
    assert "Course of" not in words_of(report(reader, first))
    assert "Course of" in words_of(report(reader, later))


def test_measured_change_is_told_in_figures(reader, session, photograph):
    then, this = photograph(60, width=620), photograph(0)
    make_outline(session, then, asymmetry=0.11)
    make_outline(session, this, asymmetry=0.42)

    words = words_of(report(reader, this))

    assert "Asymmetry of the shape 0.11 0.42 +0.31" in words


def test_a_long_course_shows_the_first_photograph_and_the_last_five(reader, photograph):
    *_, last = [photograph(80 - 10 * number, malignancy=(31 + number) / 100) for number in range(8)]

    words = words_of(report(reader, last))

    assert [number for number in range(31, 39) if f"malignancy {number} %" in words] == [31, 34, 35, 36, 37, 38]
    assert "Not shown: 2 photographs after the first." in words


def test_what_is_hidden_of_an_earlier_photograph_is_not_told(reader, session, owner, photograph):
    photograph(60, malignancy=0.77)
    this = photograph(0, malignancy=0.2)
    owner.blind = True
    give(session, this, author=owner, kind=ASSESSMENT, label="nv")
    session.commit()

    words = words_of(report(reader, this))

    assert "77 %" not in words
    assert "Hidden until you have entered your assessment" in words


def test_similar_cases_are_told_and_shown_where_the_site_has_their_photographs(reader, photograph):
    similar = [{**KNOWN, "image_id": f"ISIC_000000{number}"} for number in range(5)]

    words = words_of(report(reader, photograph(0, similar=similar)))

    assert "Most similar cases in the training data" in words
    assert words.count("Melanoma Confirmed by histology Similarity 0.93 ISIC_000000") == 5
    assert "Most similar" not in words_of(report(reader, photograph(0, similar=similar, accepted=False)))


def test_a_report_takes_as_many_queries_for_a_long_course_as_for_a_short_one(app, reader, photograph):
    photograph(50)
    short = photograph(40)
    counted = []
    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", lambda *_: counted.append(1))

    report(reader, short)
    few = len(counted)
    for days in range(30, 20, -1):
        last = photograph(days)
    counted.clear()
    report(reader, last)

    assert len(counted) == few


class TestClinic:
    """The clinic's name, address and logo."""

    @pytest.fixture
    def settings(self, settings, tmp_path):
        logo = tmp_path / "logo.png"
        Image.new("RGBA", (300, 100), (200, 0, 0, 128)).save(logo)
        changes = {"clinic_name": "St Anna", "clinic_address": "Harbour Street 12; 1234 Seaport", "clinic_logo": logo}
        return settings.model_copy(update=changes)

    def test_they_head_the_report(self, reader, photograph):
        pdf = PdfReader(io.BytesIO(report(reader, photograph(0))))

        first = pdf.pages[0]
        assert len(first.images) == 3
        assert "Harbour Street 12, 1234 Seaport" in first.extract_text().replace("\N{NO-BREAK SPACE}", " ")

    def test_a_logo_that_went_missing_stops_no_report(self, reader, settings, photograph):
        settings.clinic_logo.unlink()

        assert len(PdfReader(io.BytesIO(report(reader, photograph(0)))).pages[0].images) == 2
