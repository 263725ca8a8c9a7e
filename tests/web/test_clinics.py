"""The page of a clinic: who manages it, what becomes of members, and that it always has an administrator."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.api.tokens.tables import AccessToken
from app.auth.tables import User
from app.patients.tables import Patient
from app.results.saved_filters.tables import SavedFilter
from app.results.selectors import analyses_of
from app.security.roles import ADMINISTRATOR, AUDITOR, CLINICIAN
from tests.factories import make_analysis, make_patient, make_token, make_user, post, sign_in
from tests.postgresql import on_both


@pytest.fixture
def colleague(session: Session, owner: User) -> User:
    return make_user(session, name="Cem Kaya", clinic=owner.clinic, role=CLINICIAN)


def address(member: User, what: str) -> str:
    return f"/clinic/members/{member.public_id}/{what}"


def test_an_administrator_sees_the_members(reader: FlaskClient, owner: User, colleague: User) -> None:
    html = reader.get("/clinic").text

    assert owner.clinic.name in html
    assert colleague.email in html
    assert f'<time datetime="{owner.last_sign_in_at:%Y}' not in html or "Last signed in" in html


def test_colleagues_see_each_others_patients(app: Flask, session: Session, colleague: User, patient: Patient) -> None:
    client = app.test_client()
    sign_in(client, colleague)

    assert patient.name in client.get(f"/patients/{patient.public_id}").text


@pytest.mark.parametrize("page", ["/index", "/previous_tests", "/results/{}"])
def test_a_colleagues_test_says_whose_it_is(
    reader: FlaskClient, session: Session, owner: User, colleague: User, page: str
) -> None:
    theirs = make_analysis(session, colleague)
    mine = make_analysis(session, owner)

    assert "by Cem Kaya" in reader.get(page.format(theirs.public_id)).text
    assert reader.get(page.format(mine.public_id)).text.count(f", by {owner.name}") == 0


@pytest.mark.parametrize("role", [CLINICIAN, AUDITOR])
def test_nobody_else_finds_the_page(app: Flask, session: Session, owner: User, role: str) -> None:
    client = app.test_client()
    sign_in(client, make_user(session, clinic=owner.clinic, role=role))

    assert client.get("/clinic").status_code == 404
    assert 'href="/clinic"' not in client.get("/index").text


def test_anonymous_people_are_asked_to_sign_in(client: FlaskClient) -> None:
    assert client.get("/clinic").location == "/login?next=/clinic"


def test_a_stranger_can_do_nothing_to_a_member(
    app: Flask, session: Session, reader: FlaskClient, colleague: User
) -> None:
    stranger = app.test_client()
    sign_in(stranger, make_user(session))

    answers = [post(stranger, address(colleague, what), {"role": AUDITOR}, "/clinic") for what in ("role", "disable")]

    session.expire_all()
    assert [answer.status_code for answer in answers] == [404, 404]
    assert (colleague.role, colleague.disabled_at) == (CLINICIAN, None)


def test_a_role_counts_at_once(app: Flask, session: Session, reader: FlaskClient, colleague: User) -> None:
    client = app.test_client()
    sign_in(client, colleague)
    token = post(client, "/patients/new", {"name": "Before"})

    answer = post(reader, address(colleague, "role"), {"role": AUDITOR}, "/clinic")

    assert (token.status_code, answer.status_code) == (303, 303)
    assert client.get("/patients/new").status_code == 403
    assert client.get("/patients").status_code == 200


def test_the_clinic_can_be_renamed(reader: FlaskClient, session: Session, owner: User) -> None:
    renamed = post(reader, "/clinic", {"name": "  Dermatology, Northfield  "})
    nameless = post(reader, "/clinic", {"name": " "})

    session.expire_all()
    assert (renamed.status_code, nameless.status_code) == (303, 422)
    assert owner.clinic.name == "Dermatology, Northfield"


def test_disabling_ends_sessions_and_tokens_at_once(
    app: Flask, session: Session, reader: FlaskClient, colleague: User
) -> None:
    client = app.test_client()
    sign_in(client, colleague)
    bearer = {"Authorization": f"Bearer {make_token(session, colleague)}"}
    before = client.get("/index").status_code, client.get("/api/v1/me", headers=bearer).status_code

    post(reader, address(colleague, "disable"), form="/clinic")

    after = client.get("/index").status_code, client.get("/api/v1/me", headers=bearer).status_code
    again = post(app.test_client(), "/login", {"email": colleague.email, "password": "a long walk by the lake"})
    assert (before, after) == ((200, 200), (302, 401))
    assert again.status_code == 422


def test_whoever_is_enabled_again_can_sign_in(
    app: Flask, session: Session, reader: FlaskClient, colleague: User
) -> None:
    post(reader, address(colleague, "disable"), form="/clinic")

    post(reader, address(colleague, "enable"), form="/clinic")

    sign_in(app.test_client(), colleague)


def test_whoever_is_removed_leaves_everything_behind(
    app: Flask, session: Session, reader: FlaskClient, owner: User, colleague: User
) -> None:
    patient = make_patient(session, colleague)
    analysis = make_analysis(session, colleague, patient_id=patient.id)
    session.add(SavedFilter(owner_id=colleague.id, name="Ours", query="patient=Ingrid"))
    make_token(session, colleague)

    answer = post(reader, address(colleague, "remove"), form="/clinic")

    session.expire_all()
    assert answer.status_code == 303
    assert colleague.clinic_id != owner.clinic_id
    assert (colleague.role, colleague.clinic.name) == (ADMINISTRATOR, "Clinic of Cem Kaya")
    assert analysis.clinic_id == patient.clinic_id == owner.clinic_id
    assert analysis.author_id == colleague.id
    assert session.scalars(analyses_of(colleague)).all() == []
    assert session.scalars(select(SavedFilter.id)).all() == session.scalars(select(AccessToken.id)).all() == []


@pytest.mark.parametrize("what", ["role", "disable", "remove"])
def test_the_last_administrator_stays(
    reader: FlaskClient, session: Session, owner: User, colleague: User, what: str
) -> None:
    answer = post(reader, address(owner, what), {"role": CLINICIAN}, "/clinic")

    session.expire_all()
    assert answer.status_code == 409
    assert "Make somebody else an administrator first" in answer.text
    assert (owner.role, owner.disabled_at, owner.clinic_id) == (ADMINISTRATOR, None, colleague.clinic_id)


@on_both
def test_of_two_administrators_who_demote_each_other_at_once_one_stays(
    app: Flask, session: Session, owner: User
) -> None:
    other = make_user(session, clinic=owner.clinic)
    sends = [_demotion(app, by, of) for by, of in ((owner, other), (other, owner))]
    meet = threading.Barrier(2)

    def together(send: Callable[[], int], statuses: list[int]) -> None:
        meet.wait()
        statuses.append(send())

    statuses: list[int] = []
    threads = [threading.Thread(target=together, args=(send, statuses)) for send in sends]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    session.expire_all()
    assert sorted([owner.role, other.role]) == [ADMINISTRATOR, CLINICIAN]
    assert min(statuses) == 303
    assert max(statuses) in (403, 404, 409)


def _demotion(app: Flask, by: User, of: User) -> Callable[[], int]:
    client = app.test_client()
    sign_in(client, by)
    token = client.get("/clinic").text.partition('name="csrf_token" value="')[2].partition('"')[0]
    fields, where = {"role": CLINICIAN, "csrf_token": token}, address(of, "role")
    return lambda: client.post(where, data=fields).status_code


def test_an_account_that_made_records_can_not_be_deleted(session: Session, owner: User, patient: Patient) -> None:
    session.delete(owner)

    with pytest.raises(IntegrityError, match="disable it instead"):
        session.commit()


def test_whoever_has_no_clinic_is_let_in_nowhere(session: Session, reader: FlaskClient, owner: User) -> None:
    make_patient(session, owner, clinic_id=None)
    owner.clinic_id = None
    session.commit()

    assert reader.get("/patients").location == "/login?next=/patients"


def test_commands_found_fill_and_rename_clinics(app: Flask, session: Session, owner: User) -> None:
    run = app.test_cli_runner().invoke

    made = run(args=["clinics", "create", "Northfield"])
    joined = run(
        args=["users", "create", "ann@clinic.example", "--name", "Ann", "--password-stdin", "--clinic", "Northfield"],
        input="a long walk by the lake\n",
    )
    refused = run(args=["users", "role", owner.email, AUDITOR])
    moved = run(args=["users", "move", owner.email, "Northfield", "--role", ADMINISTRATOR])
    renamed = run(args=["clinics", "rename", "Northfield", "Northfield Dermatology"])
    disabled = run(args=["users", "disable", "ann@clinic.example"])
    listed = run(args=["clinics", "list"]).output

    session.expire_all()
    ann = session.scalars(select(User).where(User.email == "ann@clinic.example")).one()
    assert moved.output == disabled.output == ""
    assert [each.exit_code for each in (made, joined, moved, renamed, disabled)] == [0] * 5
    assert "only administrator" in refused.output
    assert (ann.role, ann.clinic_id) == (CLINICIAN, owner.clinic_id)
    assert ann.disabled_at is not None
    assert "2  Northfield Dermatology" in listed
