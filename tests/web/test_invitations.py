"""Invitations: made by administrators, accepted once."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.clinics.invitations import services
from app.clinics.invitations.tables import Invitation
from app.clock import now
from app.security.roles import ADMINISTRATOR, AUDITOR, CLINICIAN
from tests.factories import PASSWORD, csrf_token, make_user, post, sign_in
from tests.mailbox import SENDING, opened
from tests.postgresql import on_both
from tests.web.test_history import counted_queries

GRETE = {"name": "Grete Holm", "password": PASSWORD, "confirm": PASSWORD}
LINK = re.compile(r"<code>http://127\.0\.0\.1:8000(/invitation/[A-Za-z0-9_-]{43})</code>")


def invite(reader: FlaskClient, email: str = "grete@clinic.example", role: str = AUDITOR) -> str:
    """Invite somebody and return the path of the link."""
    response = post(reader, "/clinic/invitations", {"email": email, "role": role})
    found = LINK.search(response.text)
    assert found is not None, response.text
    return found[1]


def accept(client: FlaskClient, link: str, **fields: str) -> Any:
    client.get(link)
    page = client.get("/invitation")
    if page.status_code != 200:
        return page
    return client.post("/invitation", data={**GRETE, **fields, "csrf_token": csrf_token(page.text)})


def test_whoever_is_invited_joins_the_clinic_in_the_role(
    app: Flask, reader: FlaskClient, session: Session, owner: User
) -> None:
    client = app.test_client()

    response = accept(client, invite(reader))

    grete = session.scalars(select(User).where(User.email == "grete@clinic.example")).one()
    assert (response.status_code, response.location) == (303, "/index")
    assert client.get("/index").status_code == 200
    assert (grete.clinic_id, grete.role, grete.name) == (owner.clinic_id, AUDITOR, "Grete Holm")
    assert session.scalar(select(func.count(Invitation.id))) == 0


def test_the_link_is_shown_once_and_kept_as_a_digest(reader: FlaskClient, session: Session) -> None:
    token = invite(reader).rpartition("/")[2]

    assert token not in reader.get("/clinic/invitations").text
    assert token not in str(vars(session.scalars(select(Invitation)).one()))


def test_where_mail_is_sent_the_link_is_in_the_mail_alone(
    app: Flask, reader: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update=SENDING)
    mailbox = opened(monkeypatch)

    response = post(reader, "/clinic/invitations", {"email": "grete@clinic.example", "role": CLINICIAN})

    assert response.status_code == 303
    assert [address for address, _ in mailbox.letters] == ["grete@clinic.example"]
    assert accept(app.test_client(), mailbox.link()).status_code == 303


@on_both
def test_of_two_who_accept_at_once_one_does(app: Flask, reader: FlaskClient, session: Session) -> None:
    link = invite(reader)
    clients = [app.test_client() for _ in range(2)]
    for client in clients:
        client.get(link)
    tokens = [csrf_token(client.get("/invitation").text) for client in clients]

    def send(number: int) -> int:
        return int(clients[number].post("/invitation", data={**GRETE, "csrf_token": tokens[number]}).status_code)

    with ThreadPoolExecutor(2) as pool:
        statuses = sorted(pool.map(send, range(2)))

    assert statuses == [303, 410]
    assert session.scalar(select(func.count(User.id))) == 2


def test_a_revoked_invitation_opens_nothing(app: Flask, reader: FlaskClient, session: Session) -> None:
    link = invite(reader)
    public_id = session.scalars(select(Invitation.public_id)).one()

    post(reader, f"/clinic/invitations/{public_id}/revoke", form="/clinic/invitations")

    assert accept(app.test_client(), link).status_code == 410


def test_a_later_invitation_takes_the_place_of_an_earlier(app: Flask, reader: FlaskClient, session: Session) -> None:
    first, second = invite(reader), invite(reader, role=CLINICIAN)

    assert session.scalar(select(func.count(Invitation.id))) == 1
    assert accept(app.test_client(), first).status_code == 410
    assert accept(app.test_client(), second).status_code == 303


def test_an_invitation_lasts_a_week(app: Flask, reader: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    link, later = invite(reader), now() + timedelta(days=7, minutes=1)
    monkeypatch.setattr(services, "now", lambda: later)

    assert accept(app.test_client(), link).status_code == 410


def test_it_counts_only_while_whoever_invited_manages_the_clinic(
    app: Flask, reader: FlaskClient, session: Session, owner: User
) -> None:
    link = invite(reader)
    make_user(session, clinic=owner.clinic, role=ADMINISTRATOR)
    owner.role = CLINICIAN
    session.commit()

    assert accept(app.test_client(), link).status_code == 410


def test_nobody_chooses_the_own_role_or_address(app: Flask, reader: FlaskClient, session: Session) -> None:
    accept(app.test_client(), invite(reader), role=ADMINISTRATOR, email="mallory@evil.example", clinic_id="1")

    grete = session.scalars(select(User).order_by(User.id.desc())).first()
    assert grete is not None
    assert (grete.email, grete.role) == ("grete@clinic.example", AUDITOR)


def test_an_address_with_an_account_makes_no_second(app: Flask, reader: FlaskClient, session: Session) -> None:
    other = make_user(session)

    response = accept(app.test_client(), invite(reader, email=other.email))

    assert response.status_code == 422
    assert "There is already an account with this e-mail address." in response.text
    assert session.scalar(select(func.count(Invitation.id))) == 1


@pytest.mark.parametrize("fields", [{"password": "passwordpassword", "confirm": "passwordpassword"}, {"name": ""}])
def test_a_form_that_is_not_right_uses_nothing_up(app: Flask, reader: FlaskClient, fields: dict[str, str]) -> None:
    link, client = invite(reader), app.test_client()

    assert accept(client, link, **fields).status_code == 422
    assert accept(client, link).status_code == 303


@pytest.mark.parametrize(("mode", "statuses"), [("invitation", (201, 303)), ("closed", (403, 403))])
def test_whether_people_can_be_invited_is_set(
    app: Flask, reader: FlaskClient, mode: str, statuses: tuple[int, int]
) -> None:
    link = invite(reader)
    app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update={"registration": mode})

    accepted = accept(app.test_client(), link).status_code
    invited = post(reader, "/clinic/invitations", {"email": "b@c.example", "role": AUDITOR}, form="/account")

    assert (invited.status_code, accepted) == statuses


@pytest.mark.parametrize(
    "fields", [{"email": "grete", "role": AUDITOR}, {"email": "", "role": AUDITOR}, {"email": "a@b", "role": "owner"}]
)
def test_it_says_at_the_field_what_is_wrong(reader: FlaskClient, session: Session, fields: dict[str, str]) -> None:
    assert post(reader, "/clinic/invitations", fields).status_code == 422
    assert session.scalar(select(func.count(Invitation.id))) == 0


@pytest.mark.parametrize("role", [CLINICIAN, AUDITOR])
def test_only_administrators_invite(app: Flask, session: Session, owner: User, role: str) -> None:
    client = app.test_client()
    sign_in(client, make_user(session, clinic=owner.clinic, role=role))
    token = csrf_token(client.get("/index").text)

    response = client.post("/clinic/invitations", data={"email": "a@b", "role": ADMINISTRATOR, "csrf_token": token})

    assert (client.get("/clinic/invitations").status_code, response.status_code) == (404, 404)
    assert session.scalar(select(func.count(Invitation.id))) == 0


def test_another_clinic_neither_sees_nor_revokes(app: Flask, reader: FlaskClient, session: Session) -> None:
    invite(reader)
    public_id = session.scalars(select(Invitation.public_id)).one()
    stranger = app.test_client()
    sign_in(stranger, make_user(session))

    page = stranger.get("/clinic/invitations").text
    response = post(stranger, f"/clinic/invitations/{public_id}/revoke", form="/clinic/invitations")

    assert "grete@clinic.example" not in page
    assert response.status_code == 404
    assert session.scalar(select(func.count(Invitation.id))) == 1


def test_anonymous_people_are_asked_to_sign_in(client: FlaskClient) -> None:
    assert client.get("/clinic/invitations").location == "/login?next=/clinic/invitations"


def test_whoever_is_signed_in_does_not_use_up_an_invitation(reader: FlaskClient, session: Session) -> None:
    response = reader.get(invite(reader), follow_redirects=True)

    assert "Sign out first" in response.text
    assert session.scalar(select(func.count(Invitation.id))) == 1


def test_the_password_is_asked_for_again_before_somebody_is_let_in(
    reader: FlaskClient, session: Session, later: Callable[[float], None]
) -> None:
    later(11)

    response = post(reader, "/clinic/invitations", {"email": "grete@clinic.example", "role": AUDITOR})

    assert response.status_code == 401
    assert session.scalar(select(func.count(Invitation.id))) == 0


def test_the_page_takes_as_many_queries_however_many_invitations_there_are(app: Flask, reader: FlaskClient) -> None:
    counts = []
    invite(reader)
    for _ in range(2):
        with counted_queries(app) as statements:
            reader.get("/clinic/invitations")
        counts.append(len(statements))
        for number in range(3):
            invite(reader, email=f"person{number}@elsewhere.example")

    assert counts[0] == counts[1]
