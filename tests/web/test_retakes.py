from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.patients.filing.services import Destination, move
from app.patients.lesions import services as lesions
from app.patients.services import merge
from app.patients.tables import Lesion, Patient
from app.results.retakes import settle
from app.results.services import remove
from app.results.tables import DISMISSED, DUE, TAKEN, Analysis
from tests.factories import make_analysis, make_lesion, make_patient, make_user, post, sign_in

START = datetime(2026, 3, 1, tzinfo=UTC)
POOR = {"accepted": False, "reasons": ["unfamiliar"]}


@pytest.fixture
def lesion(session: Session, patient: Patient) -> Lesion:
    return make_lesion(session, patient)


@pytest.fixture
def refused(session: Session, owner: User, patient: Patient, lesion: Lesion) -> Analysis:
    return make_analysis(session, owner, patient_id=patient.id, lesion_id=lesion.id, created_at=START, **POOR)


def follow(session: Session, owner: User, **columns: Any) -> Analysis:
    """Make a test a week later, and find out what it follows."""
    later = make_analysis(session, owner, **{"created_at": START + timedelta(days=7), **columns})
    settle(session, columns["patient_id"])
    return later


@pytest.mark.parametrize(
    ("columns", "state"),
    [
        (POOR, DUE),
        ({"accepted": True, "reasons": ["blurred"]}, DUE),
        ({"accepted": True, "reasons": []}, None),
    ],
)
def test_poor_photographs_are_to_be_taken_again(
    session: Session, owner: User, columns: dict[str, Any], state: str | None
) -> None:
    assert make_analysis(session, owner, **columns).retake == state


def test_an_accepted_photograph_of_the_lesion_settles_it(
    session: Session, owner: User, patient: Patient, lesion: Lesion, refused: Analysis
) -> None:
    follow(session, owner, patient_id=patient.id, lesion_id=lesion.id)

    assert refused.retake == TAKEN


@pytest.mark.parametrize(
    "columns",
    [
        {"lesion_id": None},
        {"accepted": False},
        {"created_at": START - timedelta(days=7)},
    ],
)
def test_nothing_else_does(
    session: Session, owner: User, lesion: Lesion, refused: Analysis, columns: dict[str, Any]
) -> None:
    follow(session, owner, **{"patient_id": lesion.patient_id, "lesion_id": lesion.id, **columns})

    assert refused.retake == DUE


@pytest.mark.parametrize(("site", "state"), [("back", TAKEN), ("face", DUE), (None, DUE)])
def test_without_a_lesion_the_body_site_tells(
    session: Session, owner: User, patient: Patient, site: str | None, state: str
) -> None:
    refused = make_analysis(session, owner, patient_id=patient.id, body_site="back", created_at=START, **POOR)

    follow(session, owner, patient_id=patient.id, body_site=site)

    assert refused.retake == state


def test_it_is_due_again_when_the_later_photograph_is_deleted(
    session: Session, owner: User, patient: Patient, lesion: Lesion, refused: Analysis
) -> None:
    later = follow(session, owner, patient_id=patient.id, lesion_id=lesion.id)

    remove(session, later)

    assert refused.retake == DUE


def test_moving_the_later_photograph_settles_here_and_is_due_there(
    session: Session, owner: User, patient: Patient, lesion: Lesion, refused: Analysis
) -> None:
    other = make_patient(session, owner, name="Cem Aydin")
    later = follow(session, owner, patient_id=other.id)

    move(session, later, destination=Destination(patient, lesion))
    here = refused.retake
    move(session, later, destination=Destination(other))

    assert (here, refused.retake) == (TAKEN, DUE)


def test_a_removed_lesion_leaves_it_to_the_body_site(
    session: Session, owner: User, patient: Patient, lesion: Lesion, refused: Analysis
) -> None:
    follow(session, owner, patient_id=patient.id, lesion_id=lesion.id, body_site="face")

    lesions.remove(session, lesion)

    assert refused.retake == DUE


def test_merging_two_records_settles_both(session: Session, owner: User, patient: Patient) -> None:
    other = make_patient(session, owner, name="I. Sørensen")
    refused = make_analysis(session, owner, patient_id=other.id, created_at=START, **POOR)
    follow(session, owner, patient_id=patient.id)

    merge(session, kept=patient, other=other, on=START.date())

    session.refresh(refused)
    assert refused.retake == TAKEN


def test_one_click_lets_it_be_and_another_takes_that_back(
    reader: FlaskClient, session: Session, refused: Analysis
) -> None:
    answer = post(reader, f"/worklist/retakes/{refused.public_id}/dismiss", form="/worklist")
    page = reader.get(answer.location).text
    session.refresh(refused)
    dismissed = refused.retake
    result = reader.get(f"/results/{refused.public_id}").text

    post(reader, f"/worklist/retakes/{refused.public_id}/restore", form=answer.location)

    session.refresh(refused)
    assert f"/worklist/retakes/{refused.public_id}/restore" in page
    assert "Nothing waits for you" in page
    assert "need not be taken again" in result
    assert (dismissed, refused.retake) == (DISMISSED, DUE)


def test_what_was_dismissed_stays_so_whatever_follows(
    session: Session, owner: User, patient: Patient, refused: Analysis
) -> None:
    refused.retake = DISMISSED

    follow(session, owner, patient_id=patient.id)

    assert refused.retake == DISMISSED


def test_an_accepted_photograph_without_a_caution_can_not_be_dismissed(
    reader: FlaskClient, session: Session, owner: User
) -> None:
    good = make_analysis(session, owner)

    post(reader, f"/worklist/retakes/{good.public_id}/dismiss", form="/worklist")

    session.refresh(good)
    assert good.retake is None


@pytest.mark.parametrize("step", ["dismiss", "restore"])
def test_a_stranger_changes_nothing(client: FlaskClient, session: Session, refused: Analysis, step: str) -> None:
    refused.retake = before = DUE if step == "dismiss" else DISMISSED
    session.commit()
    sign_in(client, make_user(session))

    response = post(client, f"/worklist/retakes/{refused.public_id}/{step}", form="/patients/new")

    session.refresh(refused)
    assert response.status_code == 404
    assert refused.retake == before


@pytest.mark.parametrize("step", ["dismiss", "restore"])
def test_the_anonymous_change_nothing(client: FlaskClient, refused: Analysis, step: str) -> None:
    assert client.post(f"/worklist/retakes/{refused.public_id}/{step}").location.startswith("/login")
