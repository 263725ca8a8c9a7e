from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.clock import months_after, now
from app.patients.follow_ups.tables import FollowUp
from app.patients.tables import Lesion, Patient
from tests.factories import make_analysis, make_follow_up, make_lesion, make_user, post, sign_in

STEPS = ("", "/done", "/delete")


@pytest.fixture
def lesion(session: Session, patient: Patient) -> Lesion:
    return make_lesion(session, patient)


def planned(session: Session) -> list[FollowUp]:
    session.expire_all()
    return list(session.scalars(select(FollowUp).order_by(FollowUp.id)))


def step(client: FlaskClient, lesion: Lesion, fields: dict[str, str] | None = None, which: str = "") -> object:
    address = f"/lesions/{lesion.public_id}"
    return post(client, f"{address}/follow-up{which}", fields, form="/patients/new")


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 1), 12, date(2027, 12, 1)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
    ],
)
def test_some_months_on_is_the_same_day_or_the_last_of_a_shorter_month(start: date, months: int, end: date) -> None:
    assert months_after(start, months) == end


@pytest.mark.parametrize("months", [3, 6, 12])
def test_one_click_plans_a_follow_up(reader: FlaskClient, session: Session, lesion: Lesion, months: int) -> None:
    response = step(reader, lesion, {"months": str(months), "reason": "New colour"})

    (found,) = planned(session)
    assert response.location == f"/lesions/{lesion.public_id}"
    assert (found.due, found.reason, found.done_at) == (months_after(now().date(), months), "New colour", None)


def test_a_date_changes_the_follow_up_that_was_planned(reader: FlaskClient, session: Session, lesion: Lesion) -> None:
    day = now().date() + timedelta(days=40)
    step(reader, lesion, {"months": "3"})

    step(reader, lesion, {"due": day.isoformat()})

    assert [found.due for found in planned(session)] == [day]
    assert f'value="{day.isoformat()}"' in reader.get(f"/lesions/{lesion.public_id}").text


def test_an_overdue_follow_up_does_not_stand_in_the_way_of_the_next(
    reader: FlaskClient, session: Session, owner: User, lesion: Lesion
) -> None:
    past = now().date() - timedelta(days=3)
    make_follow_up(session, owner, lesion, due=past)
    page = reader.get(f"/lesions/{lesion.public_id}").text

    step(reader, lesion, {"due": past.isoformat(), "months": "6"})

    assert "overdue for 3 days" in page
    assert f'value="{past.isoformat()}"' not in page
    assert [found.due for found in planned(session)] == [months_after(now().date(), 6)]


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"due": "2026-01-01"},
        {"due": "9999-01-01"},
        {"due": "soon"},
        {"months": "7"},
        {"due": "", "reason": "x" * 201},
    ],
)
def test_what_is_no_follow_up_is_refused_and_what_was_written_is_kept(
    reader: FlaskClient, session: Session, lesion: Lesion, wrong: dict[str, str]
) -> None:
    response = step(reader, lesion, {"reason": "New colour", **wrong})

    assert response.status_code == 422
    assert 'class="field-error"' in response.text
    assert wrong.get("reason", "New colour") in response.text
    assert planned(session) == []


def test_done_is_kept_with_its_time_and_the_next_can_be_planned(
    reader: FlaskClient, session: Session, owner: User, lesion: Lesion
) -> None:
    make_follow_up(session, owner, lesion)

    response = step(reader, lesion, {"next": "/worklist"}, "/done")
    step(reader, lesion, {"months": "12"})

    first, second = planned(session)
    assert response.location == "/worklist"
    assert first.done_at is not None
    assert second.done_at is None
    assert "follow-up-done" in reader.get(f"/lesions/{lesion.public_id}").text


def test_what_was_set_by_mistake_is_not_said_to_be_done(
    reader: FlaskClient, session: Session, owner: User, lesion: Lesion
) -> None:
    make_follow_up(session, owner, lesion)

    step(reader, lesion, which="/delete")

    assert planned(session) == []


def test_a_new_photograph_of_the_lesion_offers_to_clear_it(
    reader: FlaskClient, session: Session, owner: User, lesion: Lesion
) -> None:
    kept = {"patient_id": lesion.patient_id, "lesion_id": lesion.id}
    earlier = make_analysis(session, owner, **kept)
    make_follow_up(session, owner, lesion)
    later = make_analysis(session, owner, **kept)

    pages = [reader.get(f"/results/{test.public_id}").text for test in (earlier, later)]

    assert ["Was this the follow-up?" in page for page in pages] == [False, True]


def test_a_lesion_takes_its_follow_ups_along(
    reader: FlaskClient, session: Session, owner: User, lesion: Lesion
) -> None:
    make_follow_up(session, owner, lesion)

    post(reader, f"/lesions/{lesion.public_id}/delete", form=f"/lesions/{lesion.public_id}")

    assert planned(session) == []


@pytest.mark.parametrize("which", STEPS)
def test_a_stranger_changes_nothing(
    client: FlaskClient, session: Session, owner: User, lesion: Lesion, which: str
) -> None:
    make_follow_up(session, owner, lesion, reason="Mine")
    sign_in(client, make_user(session))

    response = step(client, lesion, {"months": "3"}, which)

    assert response.status_code == 404
    assert [(found.reason, found.due, found.done_at) for found in planned(session)] == [("Mine", now().date(), None)]


@pytest.mark.parametrize("which", STEPS)
def test_the_anonymous_change_nothing(client: FlaskClient, session: Session, lesion: Lesion, which: str) -> None:
    response = client.post(f"/lesions/{lesion.public_id}/follow-up{which}", data={"months": "3"})

    assert response.location.startswith("/login")
    assert planned(session) == []
