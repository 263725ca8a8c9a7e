"""The page of the own account."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.api.tokens.tables import AccessToken
from app.auth.tables import SignIn, User
from tests.factories import PASSWORD, csrf_token, make_token, make_user, post, sign_in
from tests.mailbox import SENDING, Mailbox, opened
from tests.web.test_history import counted_queries

NEW = "three boats on the water"
CHANGE = {"present": PASSWORD, "password": NEW, "confirm": NEW}


@pytest.fixture
def mailbox(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Mailbox:
    """The site sends mail, and this is where it arrives."""
    app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update=SENDING)
    return opened(monkeypatch)


def ids(session: Session, user: User) -> list[str]:
    return list(session.scalars(select(SignIn.public_id).where(SignIn.user_id == user.id).order_by(SignIn.id)))


@pytest.mark.parametrize("path", ["", "/password", "/email", "/email/confirm"])
def test_the_pages_are_for_those_who_have_signed_in(client: FlaskClient, path: str) -> None:
    assert client.get(f"/account{path}").location.startswith("/login?next=/account")


def test_the_menu_leads_there(reader: FlaskClient) -> None:
    assert 'href="/account"' in reader.get("/index").text


def test_a_person_changes_the_own_name(reader: FlaskClient, session: Session, owner: User) -> None:
    response = post(reader, "/account", {"name": " Ada  Lindgren "})

    session.expire_all()
    assert response.status_code == 303
    assert owner.name == "Ada  Lindgren"


def test_a_name_of_nothing_is_refused(reader: FlaskClient, session: Session, owner: User) -> None:
    assert post(reader, "/account", {"name": " "}).status_code == 422
    assert owner.name == "Ada Berg"


def test_the_page_lists_where_the_person_is_signed_in_and_nobody_else(
    app: Flask, reader: FlaskClient, session: Session, owner: User
) -> None:
    phone, other = app.test_client(), app.test_client()
    phone.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (iPhone) Version/18.0 Safari/604.1"
    other.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0"
    sign_in(phone, owner)
    sign_in(other, make_user(session))

    page = reader.get("/account").text

    assert "Safari on iPhone" in page
    assert "Firefox on Windows" not in page
    assert page.count("This device") == 1


def test_the_page_takes_as_many_queries_however_many_devices_there_are(
    app: Flask, reader: FlaskClient, owner: User
) -> None:
    counts = []
    for _ in range(2):
        with counted_queries(app) as statements:
            reader.get("/account")
        counts.append(len(statements))
        for _ in range(5):
            sign_in(app.test_client(), owner)

    assert counts[0] == counts[1]


def test_a_device_is_signed_out_from_another(app: Flask, reader: FlaskClient, session: Session, owner: User) -> None:
    phone = app.test_client()
    sign_in(phone, owner)
    _, of_phone = ids(session, owner)

    response = post(reader, f"/account/sign-ins/{of_phone}/end", form="/account")

    assert response.status_code == 303
    assert phone.get("/index").status_code == 302
    assert reader.get("/index").status_code == 200


def test_all_others_are_signed_out_at_once(app: Flask, reader: FlaskClient, owner: User) -> None:
    others = [app.test_client() for _ in range(2)]
    for other in others:
        sign_in(other, owner)

    post(reader, "/account/sign-ins/end-others", form="/account")

    assert [other.get("/index").status_code for other in others] == [302, 302]
    assert reader.get("/index").status_code == 200


def test_the_device_of_a_stranger_can_not_be_signed_out(
    app: Flask, reader: FlaskClient, session: Session, owner: User
) -> None:
    other, stranger = make_user(session), app.test_client()
    sign_in(stranger, other)

    response = post(reader, f"/account/sign-ins/{ids(session, other)[0]}/end", form="/account")

    assert response.status_code == 404
    assert stranger.get("/index").status_code == 200


def test_another_password_signs_out_everywhere_else(
    app: Flask, reader: FlaskClient, session: Session, owner: User, mailbox: Mailbox
) -> None:
    elsewhere = app.test_client()
    sign_in(elsewhere, owner)
    before = reader.get_cookie("lentigo")
    make_token(session, owner)

    response = post(reader, "/account/password", CHANGE)

    assert response.status_code == 303
    assert reader.get("/index").status_code == 200
    assert reader.get_cookie("lentigo") != before
    assert elsewhere.get("/index").status_code == 302
    assert session.scalar(select(func.count(AccessToken.id))) == 1
    assert mailbox.subjects == ["Your Lentigo password was changed"]
    assert post(app.test_client(), "/login", {"email": owner.email, "password": NEW}).status_code == 303


def test_access_tokens_go_with_the_password_if_that_is_wanted(
    reader: FlaskClient, session: Session, owner: User
) -> None:
    make_token(session, owner)
    make_token(session, make_user(session))

    post(reader, "/account/password", {**CHANGE, "programs_too": "y"})

    assert session.scalar(select(func.count(AccessToken.id))) == 1


@pytest.mark.parametrize(
    ("entries", "sentence"),
    [
        ({"present": "not this password"}, "The password is not right."),
        ({"present": ""}, "Please enter your present password."),
        ({"confirm": "something else altogether"}, "The two passwords are not the same."),
        ({"password": "Ada Berg Ada Berg", "confirm": "Ada Berg Ada Berg"}, "too easy to guess"),
    ],
)
def test_a_password_is_not_changed_for_less(
    reader: FlaskClient, session: Session, owner: User, entries: dict[str, str], sentence: str
) -> None:
    before = owner.password_hash

    response = post(reader, "/account/password", {**CHANGE, **entries})

    session.expire_all()
    assert (response.status_code, sentence in response.text) == (422, True)
    assert owner.password_hash == before
    assert PASSWORD not in response.text


def test_the_present_password_can_not_be_guessed_there(reader: FlaskClient) -> None:
    statuses = [
        post(reader, "/account/password", {**CHANGE, "present": f"guess {number}"}).status_code for number in range(6)
    ]

    assert statuses == [422] * 5 + [429]


def test_without_mail_an_address_is_changed_at_once(reader: FlaskClient, session: Session, owner: User) -> None:
    other = make_user(session)

    taken = post(reader, "/account/email", {"email": other.email})
    changed = post(reader, "/account/email", {"email": " Ada@New.example"})

    session.expire_all()
    assert (taken.status_code, changed.status_code) == (422, 303)
    assert owner.email == "ada@new.example"


def test_with_mail_an_address_is_confirmed_first_and_the_former_is_told(
    reader: FlaskClient, session: Session, owner: User, mailbox: Mailbox
) -> None:
    former = owner.email

    post(reader, "/account/email", {"email": "ada@new.example"})
    session.expire_all()
    before = owner.email
    reader.get(mailbox.link())
    post(reader, "/account/email/confirm")

    session.expire_all()
    assert (before, owner.email) == (former, "ada@new.example")
    assert [address for address, _ in mailbox.letters] == ["ada@new.example", former]
    assert reader.get("/account/email/confirm").status_code == 410


def test_an_address_that_has_an_account_is_neither_told_of_nor_taken(
    reader: FlaskClient, session: Session, owner: User, mailbox: Mailbox
) -> None:
    other = make_user(session)

    responses = [post(reader, "/account/email", {"email": email}) for email in (other.email, "ada@new.example")]

    assert [response.status_code for response in responses] == [303, 303]
    assert [address for address, _ in mailbox.letters] == ["ada@new.example"]


def test_the_link_to_confirm_an_address_is_for_whoever_asked(
    app: Flask, reader: FlaskClient, session: Session, mailbox: Mailbox
) -> None:
    post(reader, "/account/email", {"email": "ada@new.example"})
    mallory, other = app.test_client(), make_user(session)
    sign_in(mallory, other)
    mallory.get(mailbox.link())

    response = post(mallory, "/account/email/confirm")

    session.expire_all()
    assert response.status_code == 410
    assert other.email != "ada@new.example"
    reader.get(mailbox.link())
    assert post(reader, "/account/email/confirm").status_code == 303  # the attempt has not used it up


def test_another_address_is_asked_about_again(
    reader: FlaskClient, session: Session, owner: User, later: Callable[[float], None]
) -> None:
    later(11)

    response = post(reader, "/account/email", {"email": "ada@new.example"})

    assert response.status_code == 401
    assert csrf_token(response.text)
    assert 'value="ada@new.example"' in response.text


def test_whoever_fills_in_a_long_form_is_at_work(reader: FlaskClient, later: Callable[[float], None]) -> None:
    for minutes in (20, 40, 60):
        later(minutes)
        assert reader.get("/account/here").status_code == 204

    assert reader.get("/index").status_code == 200
