"""A person's own second factors: set up, confirmed, removed, required, reset."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.auth.two_factor import services
from app.auth.two_factor.enforcement import MARK
from app.auth.two_factor.selectors import factors_of
from app.auth.two_factor.tables import AuthenticatorApp, RecoveryCode
from app.clock import now
from app.security.gate import is_open
from app.security.roles import CLINICIAN
from config import Settings
from tests.factories import PASSWORD, csrf_token, make_app, make_token, make_user, post, sign_in
from tests.mailbox import SENDING, opened
from tests.passkeys import Authenticator
from tests.web.test_history import counted_queries
from tests.web.test_passkeys import HOST, SITE, register
from tests.web.test_second_step import enter, enter_password, is_in

PAGE = "/account/second-step"
KEY = re.compile(r'aria-label="The key">([A-Z2-7 ]+)<')
CODE = re.compile(r"<li><code>([0-9a-z]{4}(?:-[0-9a-z]{4}){5})</code></li>")
# The whole list: what those may do who have to set up a second factor first. Nobody sees a patient there.
WITHOUT = {
    "auth.sign_out",
    "auth.confirm",
    "own_factors.show",
    "own_factors.start",
    "own_factors.app",
    "own_factors.confirm",
    "own_passkeys.new",
    "own_passkeys.options",
    "own_passkeys.register",
    "own_passkeys.proof_options",
}


def key_on(client: FlaskClient) -> pyotp.TOTP:
    found = KEY.search(client.get(f"{PAGE}/app").text)
    assert found is not None
    return pyotp.TOTP(found[1].replace(" ", ""))


def set_up(client: FlaskClient) -> tuple[pyotp.TOTP, Any]:
    post(client, f"{PAGE}/app", form=PAGE)
    totp = key_on(client)
    return totp, post(client, f"{PAGE}/app/confirm", {"code": totp.now()}, form=f"{PAGE}/app")


def required(app: Flask, of: str = "required") -> None:
    settings: Settings = app.config["SETTINGS"]
    app.config["SETTINGS"] = settings.model_copy(update={"second_factor": of})


def test_an_app_counts_once_a_code_of_it_was_entered(
    app: Flask, reader: FlaskClient, session: Session, owner: User
) -> None:
    started = post(reader, f"{PAGE}/app", form=PAGE)

    assert (started.status_code, started.location) == (303, f"{PAGE}/app")
    assert not factors_of(session, owner).any
    totp = key_on(reader)
    shown = post(reader, f"{PAGE}/app/confirm", {"code": totp.now()}, form=f"{PAGE}/app")
    session.expire_all()
    assert shown.status_code == 201
    assert factors_of(session, owner).app_since is not None
    browser = app.test_client()
    assert enter_password(browser, owner).location == "/login/second-step"
    assert enter(browser, totp.now()).status_code == 422  # the code that confirmed it is used up
    assert enter(browser, totp.at(now(), counter_offset=1)).status_code == 303


def test_the_page_draws_the_key_for_the_app(reader: FlaskClient, owner: User) -> None:
    post(reader, f"{PAGE}/app", form=PAGE)

    page = reader.get(f"{PAGE}/app")

    assert 'role="img"' in page.text
    assert page.text.count("h1v1h-1z") > 300
    assert page.headers["Cache-Control"] == "no-store"
    assert "style=" not in page.text[page.text.index('<svg class="qr"') :][:400]


def test_a_wrong_code_confirms_nothing_and_the_key_stays(reader: FlaskClient, session: Session, owner: User) -> None:
    post(reader, f"{PAGE}/app", form=PAGE)
    totp = key_on(reader)
    code = totp.at(now() - timedelta(hours=1))

    answer = post(reader, f"{PAGE}/app/confirm", {"code": code}, form=f"{PAGE}/app")

    assert answer.status_code == 422
    assert key_on(reader).secret == totp.secret
    assert not factors_of(session, owner).any


def test_two_tabs_show_the_same_key_and_a_key_waits_only_so_long(
    reader: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = []
    for _ in range(2):
        post(reader, f"{PAGE}/app", form=PAGE)
        keys.append(key_on(reader).secret)

    late = now() + timedelta(minutes=16)
    monkeypatch.setattr(services, "now", lambda: late)

    assert keys[0] == keys[1]
    assert reader.get(f"{PAGE}/app").location == PAGE


def test_another_phone_takes_the_place_of_the_first(
    app: Flask, reader: FlaskClient, session: Session, owner: User
) -> None:
    old, _ = set_up(reader)
    new, answer = set_up(reader)

    assert answer.status_code == 303  # the recovery codes stay
    browser = app.test_client()
    enter_password(browser, owner)
    assert enter(browser, old.at(now(), counter_offset=1)).status_code == 422
    assert enter(browser, new.at(now(), counter_offset=1)).status_code == 303


def test_ten_codes_are_shown_once_and_made_anew(reader: FlaskClient, session: Session) -> None:
    _, shown = set_up(reader)
    first = CODE.findall(shown.text)

    again = post(reader, f"{PAGE}/recovery-codes", form=PAGE)

    assert len(set(first)) == 10
    assert shown.headers["Cache-Control"] == "no-store"
    assert not CODE.search(reader.get(PAGE).text)
    assert "10 of 10 are left" in reader.get(PAGE).text
    assert not set(first) & set(CODE.findall(again.text))
    assert len(session.scalars(select(RecoveryCode)).all()) == 10


def test_whoever_has_no_second_step_gets_no_recovery_codes(reader: FlaskClient, session: Session) -> None:
    answer = post(reader, f"{PAGE}/recovery-codes", form=PAGE)

    assert answer.status_code == 303
    assert session.scalars(select(RecoveryCode)).all() == []


def test_a_change_of_factors_ends_the_other_sign_ins(app: Flask, reader: FlaskClient, owner: User) -> None:
    elsewhere = app.test_client()
    sign_in(elsewhere, owner)

    set_up(reader)

    assert not is_in(elsewhere)
    assert is_in(reader)


def test_without_the_app_the_password_is_enough_again(
    app: Flask, reader: FlaskClient, session: Session, owner: User
) -> None:
    set_up(reader)

    answer = post(reader, f"{PAGE}/app/remove", form=PAGE)

    assert answer.status_code == 303
    assert session.scalars(select(RecoveryCode)).all() == []
    sign_in(app.test_client(), owner)


def test_a_change_asks_again_for_a_code_and_not_for_the_password(
    reader: FlaskClient, session: Session, owner: User, later: Callable[[float], None]
) -> None:
    totp = make_app(session, owner)
    later(11)
    asked = post(reader, f"{PAGE}/app/remove", form=PAGE)
    token = csrf_token(asked.text)

    by_password = reader.post(f"{PAGE}/app/remove", data={"csrf_token": token, "proof_password": PASSWORD})
    wrong = reader.post(f"{PAGE}/app/remove", data={"csrf_token": token, "proof_code": "abcdef"})
    right = reader.post(f"{PAGE}/app/remove", data={"csrf_token": token, "proof_code": totp.now()})

    assert asked.status_code == 401
    assert 'name="proof_code"' in asked.text
    assert 'name="proof_password"' not in asked.text
    assert by_password.status_code in (401, 422)
    assert (wrong.status_code, right.status_code) == (422, 303)


@pytest.mark.parametrize("what", ["app", "app/confirm", "app/remove", "recovery-codes", "passkeys"])
def test_every_change_asks_again(reader: FlaskClient, later: Callable[[float], None], what: str) -> None:
    later(11)

    assert post(reader, f"{PAGE}/{what}", form=PAGE).status_code == 401


def test_with_a_second_factor_the_password_alone_changes_no_password(
    reader: FlaskClient, session: Session, owner: User, later: Callable[[float], None]
) -> None:
    make_app(session, owner)
    before, chosen = owner.password_hash, "another long word or two"
    later(11)

    asked = reader.get("/account/password")
    sent = post(
        reader,
        "/account/password",
        {"present": PASSWORD, "password": chosen, "confirm": chosen},
        form=PAGE,
    )

    session.expire_all()
    assert asked.location == sent.location == "/account/confirm?next=/account/password"
    assert owner.password_hash == before


def test_the_page_of_the_key_asks_again(reader: FlaskClient, later: Callable[[float], None]) -> None:
    post(reader, f"{PAGE}/app", form=PAGE)
    later(11)

    assert reader.get(f"{PAGE}/app").location.startswith("/account/confirm")


def test_a_page_takes_the_same_number_of_queries_however_many_passkeys(reader: FlaskClient, app: Flask) -> None:
    register(reader, Authenticator(SITE, HOST))
    with counted_queries(app) as one:
        reader.get(PAGE)

    for _ in range(3):
        register(reader, Authenticator(SITE, HOST))
    with counted_queries(app) as several:
        reader.get(PAGE)

    assert len(one) == len(several)


def test_where_it_is_required_nothing_else_opens(
    app: Flask, reader: FlaskClient, session: Session, owner: User
) -> None:
    required(app)
    marked = {name for name, view in app.view_functions.items() if getattr(view, MARK, False)}
    token = {"Authorization": f"Bearer {make_token(session, owner)}"}

    assert marked == WITHOUT
    for rule in app.url_map.iter_rules():
        if rule.endpoint in WITHOUT or is_open(app, rule.endpoint):
            continue
        path = app.url_map.bind("localhost").build(rule.endpoint, dict.fromkeys(rule.arguments, "1"))
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            if path.startswith("/api/v1/"):
                answer = reader.open(path, method=method, headers=token)
                assert (answer.status_code, answer.json["type"]) == (403, "/api/docs#second-factor-needed"), path
            else:
                answer = reader.open(path, method=method, data={"csrf_token": csrf_token(reader.get(PAGE).text)})
                assert answer.status_code == 302, (method, path)
                assert answer.location.startswith(PAGE), (method, path)


def test_where_it_is_required_it_is_set_up_on_the_way(
    app: Flask, client: FlaskClient, session: Session, owner: User
) -> None:
    required(app)
    arrived = enter_password(client, owner, "/login?next=/previous_tests")
    led = client.get(arrived.location)
    assert led.location == f"{PAGE}?next=/previous_tests"
    token = make_token(session, owner)

    started = post(client, f"{PAGE}/app?next=/previous_tests", form=led.location)
    totp = key_on(client)
    shown = post(client, f"{PAGE}/app/confirm?next=/previous_tests", {"code": totp.now()}, form=started.location)

    assert 'href="/previous_tests"' in shown.text
    assert client.get("/previous_tests").status_code == 200
    assert client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_it_can_be_required_of_administrators_alone(
    app: Flask, reader: FlaskClient, session: Session, owner: User
) -> None:
    required(app, "administrators")
    clinician = app.test_client()
    sign_in(clinician, make_user(session, clinic=owner.clinic, role=CLINICIAN))

    assert reader.get("/index").location.startswith(PAGE)
    assert clinician.get("/index").status_code == 200


def test_an_administrator_sees_who_has_one_and_resets_a_lost_one(
    app: Flask, reader: FlaskClient, session: Session, owner: User
) -> None:
    member = make_user(session, name="Cem Kaya", clinic=owner.clinic, role=CLINICIAN)
    make_app(session, member)
    address = f"/clinic/members/{member.public_id}/second-step/reset"
    assert "Has a second step." in reader.get("/clinic").text

    assert post(reader, address, form="/clinic").status_code == 303

    session.expire_all()
    assert not factors_of(session, member).any
    assert "Has a second step." not in reader.get("/clinic").text
    sign_in(app.test_client(), member)


def test_the_person_is_told_of_every_change(
    app: Flask, reader: FlaskClient, session: Session, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update=SENDING)
    mailbox = opened(monkeypatch)
    member = make_user(session, clinic=owner.clinic, role=CLINICIAN)
    make_app(session, member)

    post(reader, f"/clinic/members/{member.public_id}/second-step/reset", form="/clinic")
    set_up(reader)

    told = [(address, letter.subject) for address, letter in mailbox.letters]
    assert told == [(person.email, "How you sign in to Lentigo was changed") for person in (member, owner)]


def test_nobody_else_resets_it(app: Flask, reader: FlaskClient, session: Session, owner: User) -> None:
    make_app(session, owner)
    own = f"/clinic/members/{owner.public_id}/second-step/reset"
    colleague, stranger = app.test_client(), app.test_client()
    sign_in(colleague, make_user(session, clinic=owner.clinic, role=CLINICIAN))
    sign_in(stranger, make_user(session))

    assert post(reader, own, form="/clinic").status_code == 409
    assert post(colleague, own, form=PAGE).status_code == 404
    assert post(stranger, own, form="/clinic").status_code == 404
    assert app.test_client().post(own).location.startswith("/login")
    assert factors_of(session, owner).any


def test_a_reset_asks_again(reader: FlaskClient, session: Session, owner: User, later: Callable[[float], None]) -> None:
    member = make_user(session, clinic=owner.clinic, role=CLINICIAN)
    make_app(session, member)
    later(11)

    assert post(reader, f"/clinic/members/{member.public_id}/second-step/reset", form="/clinic").status_code == 401


def test_a_new_account_sets_one_up_first(app: Flask, client: FlaskClient) -> None:
    required(app)
    fields = {"name": "Ada Berg", "email": "ada@clinic.example", "password": PASSWORD, "confirm": PASSWORD}

    post(client, "/register", fields)

    assert client.get("/index").location == f"{PAGE}?next=/index"


def test_where_it_is_required_the_last_one_stays(
    app: Flask, reader: FlaskClient, session: Session, owner: User
) -> None:
    set_up(reader)
    required(app)

    assert post(reader, f"{PAGE}/app/remove", form=PAGE).status_code == 409
    session.expire_all()
    assert factors_of(session, owner).any
    register(reader, Authenticator(SITE, HOST))
    assert post(reader, f"{PAGE}/app/remove", form=PAGE).status_code == 303


def test_of_two_who_remove_the_last_two_at_once_one_is_refused(
    app: Flask, reader: FlaskClient, session: Session, owner: User
) -> None:
    set_up(reader)
    register(reader, Authenticator(SITE, HOST))
    required(app)
    page = reader.get(PAGE).text
    passkey = re.search(rf'action="({PAGE}/passkeys/[^"]+/remove)"', page)
    kept = reader.get_cookie("lentigo")
    assert passkey is not None
    assert kept is not None
    start = Barrier(2)

    def remove(address: str) -> int:
        tab = app.test_client()
        tab.set_cookie("lentigo", kept.value)
        start.wait()
        return tab.post(address, data={"csrf_token": csrf_token(page)}).status_code

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(remove, (passkey[1], f"{PAGE}/app/remove")))

    session.expire_all()
    assert min(answers) in (302, 303)  # 302: the other one has given the sign-in another token
    assert 303 in answers
    assert len(set(answers)) == 2
    assert factors_of(session, owner).any


def test_a_command_resets_it(app: Flask, reader: FlaskClient, session: Session, owner: User) -> None:
    set_up(reader)
    register(reader, Authenticator(SITE, HOST))

    done = app.test_cli_runner().invoke(args=["users", "reset-second-factor", owner.email.upper()])

    assert done.exit_code == 0, done.output
    session.expire_all()
    assert not factors_of(session, owner).any
    assert session.scalars(select(AuthenticatorApp)).all() == []
    assert not is_in(reader)
    sign_in(app.test_client(), owner)


def test_a_command_says_whom_it_does_not_know(app: Flask) -> None:
    done = app.test_cli_runner().invoke(args=["users", "reset-second-factor", "nobody@clinic.example"])

    assert done.exit_code == 1
    assert "no account" in done.output


def test_nobody_sees_or_changes_the_factors_of_somebody_else(
    app: Flask, client: FlaskClient, session: Session, owner: User
) -> None:
    make_app(session, owner)
    stranger = app.test_client()
    sign_in(stranger, make_user(session))

    assert client.get(PAGE).location.startswith("/login")
    assert "Set up an app" in stranger.get(PAGE).text
    post(stranger, f"{PAGE}/app/remove", form=PAGE)
    assert factors_of(session, owner).any
