"""The second step of signing in: codes, recovery codes, and what lies between the two steps."""

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
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.auth.passwords import passwords_for
from app.auth.tables import SignIn, User
from app.auth.two_factor import pending, recovery, services
from app.auth.two_factor.tables import AuthenticatorApp, PendingSignIn, RecoveryCode
from app.clock import now
from config import Settings
from tests.factories import PASSWORD, csrf_token, make_app, make_user, post, sign_in
from tests.mailbox import SENDING, opened
from tests.postgresql import on_both
from tests.web.test_security_gate import OPEN, addresses

STEP, RECOVERY = "/login/second-step", "/login/recovery-code"
WRONG = "This code is not right, or was used already."
NEW = re.compile(r'nonce="[^"]*"|name="csrf_token"[^>]*')  # each time
ACCOUNT = re.compile(r'name="account"[^>]*value="([0-9a-f]+)"')
STEPS = timedelta(seconds=30)


@pytest.fixture
def totp(session: Session, owner: User) -> pyotp.TOTP:
    return make_app(session, owner)


@pytest.fixture
def halfway(client: FlaskClient, owner: User, totp: pyotp.TOTP) -> FlaskClient:
    """A browser between the two steps."""
    enter_password(client, owner)
    return client


def enter_password(client: FlaskClient, user: User, address: str = "/login") -> Any:
    return post(client, address, {"email": user.email, "password": PASSWORD})


def enter(client: FlaskClient, code: str, address: str = STEP) -> Any:
    page = client.get(address)
    account = ACCOUNT.search(page.text)
    assert account is not None, page.location
    return client.post(address, data={"code": code, "account": account[1], "csrf_token": csrf_token(page.text)})


def is_in(client: FlaskClient) -> bool:
    return client.get("/index").status_code == 200


def wrong(totp: pyotp.TOTP) -> str:
    near = {totp.at(now(), counter_offset=step) for step in range(-3, 4)}
    return next(code for code in ("000000", "111111", "222222") if code not in near)


def copy_of(client: FlaskClient, app: Flask) -> FlaskClient:
    kept = client.get_cookie("lentigo")
    assert kept is not None
    thief = app.test_client()
    thief.set_cookie("lentigo", kept.value)
    return thief


def test_a_password_and_a_code_sign_in(client: FlaskClient, session: Session, owner: User, totp: pyotp.TOTP) -> None:
    asked = enter_password(client, owner, "/login?next=/previous_tests")

    assert (asked.status_code, asked.location) == (303, f"{STEP}?next=/previous_tests")
    assert not is_in(client)
    answer = enter(client, totp.now(), asked.location)
    assert (answer.status_code, answer.location) == (303, "/previous_tests")
    assert is_in(client)
    assert session.scalars(select(SignIn.how)).one() == "password and authenticator app"


@pytest.mark.parametrize("written", ["{0[0]}{0[1]} {0[2]}", "{0[0]}-{0[1]}-{0[2]}", " {0[0]}{0[1]}\u00a0{0[2]} "])
def test_a_code_may_be_written_in_groups(halfway: FlaskClient, totp: pyotp.TOTP, written: str) -> None:
    code = totp.now()

    enter(halfway, written.format((code[:2], code[2:3], code[3:])))

    assert is_in(halfway)


@pytest.mark.parametrize(("off", "taken"), [(-2, False), (-1, True), (1, True), (2, False)])
def test_a_clock_may_be_wrong_by_one_step(
    halfway: FlaskClient, totp: pyotp.TOTP, monkeypatch: pytest.MonkeyPatch, off: int, taken: bool
) -> None:
    moment = now()
    monkeypatch.setattr(services, "now", lambda: moment)

    enter(halfway, totp.at(moment, counter_offset=off))

    assert is_in(halfway) is taken


@pytest.mark.parametrize("code", ["", "12345", "1234567", "١٢٣٤٥٦", "abcdef", "1" * 5000, "\x00" * 6])
def test_what_is_no_code_is_refused_with_a_sentence(halfway: FlaskClient, code: str) -> None:
    response = enter(halfway, code)

    assert response.status_code == 422
    assert 'aria-invalid="true"' in response.text
    assert not is_in(halfway)


def test_a_wrong_code_is_refused_and_not_sent_back(halfway: FlaskClient, totp: pyotp.TOTP) -> None:
    response = enter(halfway, wrong(totp))

    assert response.status_code == 422
    assert WRONG in response.text
    assert wrong(totp) not in response.text
    assert not is_in(halfway)


def test_a_code_of_another_account_is_refused(halfway: FlaskClient, session: Session) -> None:
    other = make_app(session, make_user(session))

    enter(halfway, other.now())

    assert not is_in(halfway)


def test_no_code_counts_twice_nor_one_before_it(
    app: Flask, halfway: FlaskClient, owner: User, totp: pyotp.TOTP
) -> None:
    code, before = totp.now(), totp.at(now(), counter_offset=-1)
    enter(halfway, code)
    other = app.test_client()
    enter_password(other, owner)

    assert [enter(other, again).status_code for again in (code, before)] == [422, 422]
    assert not is_in(other)


@on_both
def test_of_two_who_send_one_code_at_once_one_gets_in(app: Flask, owner: User, totp: pyotp.TOTP) -> None:
    browsers = [app.test_client() for _ in range(2)]
    for browser in browsers:
        enter_password(browser, owner)
    code, start = totp.now(), Barrier(2)

    def send(browser: FlaskClient) -> bool:
        start.wait()
        enter(browser, code)
        return is_in(browser)

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(send, browsers)) == [False, True]


def test_a_copy_of_the_cookie_between_the_steps_is_worthless_afterwards(
    app: Flask, halfway: FlaskClient, owner: User, totp: pyotp.TOTP
) -> None:
    thief = copy_of(halfway, app)
    enter(halfway, totp.now())

    assert thief.get(STEP).location == "/login"
    post(halfway, "/logout", form="/index")
    assert thief.get(STEP).location == "/login"


def test_between_the_steps_nothing_is_open_that_is_closed_to_everybody(app: Flask, halfway: FlaskClient) -> None:
    closed = [(method, path) for endpoint, method, path in addresses(app) if endpoint not in OPEN]

    for method, path in closed:
        answer = halfway.open(path, method=method)
        assert answer.status_code == (401 if path.startswith("/api/v1/") else 302), (method, path)
        assert path.startswith("/api/v1/") or answer.location.startswith("/login"), (method, path)
    assert halfway.get(STEP).status_code == 200


def test_it_takes_no_longer_than_ten_minutes(
    halfway: FlaskClient, totp: pyotp.TOTP, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = now() + timedelta(minutes=10, seconds=1)
    monkeypatch.setattr(pending, "now", lambda: late)

    response = halfway.get(STEP)

    assert response.location == "/login"


def test_another_password_ends_what_was_begun_with_the_old_one(
    halfway: FlaskClient, session: Session, owner: User
) -> None:
    owner.password_hash = passwords_for("testing").hash("another long password")
    session.commit()

    assert halfway.get(STEP).location == "/login"


def test_an_account_that_was_disabled_gets_no_further(halfway: FlaskClient, session: Session, owner: User) -> None:
    owner.disabled_at = now()
    session.commit()

    assert halfway.get(STEP).location == "/login"


def test_a_made_up_cookie_leads_back_to_the_password(app: Flask, halfway: FlaskClient) -> None:
    kept = halfway.get_cookie("lentigo")
    assert kept is not None
    for value in (kept.value[:-3] + "AAA", "", kept.value.replace(".", "..", 1)):
        halfway.set_cookie("lentigo", value)
        assert halfway.get(STEP).location == "/login"


def test_the_database_holds_no_token_of_the_cookie(halfway: FlaskClient, session: Session) -> None:
    with halfway.session_transaction() as kept:
        token = kept[pending.TOKEN]

    assert token not in str(session.execute(text("SELECT * FROM pending_sign_ins")).all())


def test_two_tabs_work(halfway: FlaskClient, owner: User, totp: pyotp.TOTP) -> None:
    page = halfway.get(STEP).text  # of the first tab
    enter_password(halfway, owner)  # in the second
    fields = {"account": ACCOUNT.search(page)[1], "csrf_token": csrf_token(page)}  # type: ignore[index]  # None fails, too

    response = halfway.post(STEP, data={**fields, "code": totp.now()})

    assert (response.status_code, response.location) == (303, "/index")
    assert halfway.get(STEP).location == "/index"  # the second tab, and the back button


def test_a_page_of_another_tab_never_signs_in_to_another_account(
    halfway: FlaskClient, session: Session, totp: pyotp.TOTP
) -> None:
    page, other = halfway.get(STEP).text, make_user(session)
    make_app(session, other)
    enter_password(halfway, other)
    fields = {"account": ACCOUNT.search(page)[1], "csrf_token": csrf_token(page)}  # type: ignore[index]  # None fails, too

    response = halfway.post(STEP, data={**fields, "code": totp.now()})

    assert response.status_code == 422
    assert "another account" in response.text
    assert other.email in response.text
    assert session.scalars(select(AuthenticatorApp.failures)).all() == [0, 0]


def test_before_the_password_is_right_nothing_tells_of_the_second_step(
    client: FlaskClient, session: Session, owner: User, totp: pyotp.TOTP
) -> None:
    answers = []
    for email in (owner.email, make_user(session).email, "nobody@clinic.example"):
        page = post(client, "/login", {"email": email, "password": "not this password"})
        answers.append((page.status_code, NEW.sub("", page.text.replace(email, ""))))

    assert len(set(answers)) == 1


def test_guessing_is_slowed_down_and_keeps_nobody_else_waiting(
    app: Flask, halfway: FlaskClient, session: Session, owner: User, totp: pyotp.TOTP
) -> None:
    guesses = [enter(halfway, wrong(totp)).status_code for _ in range(6)]

    assert guesses == [422] * 5 + [429]
    assert enter(halfway, totp.now()).status_code == 429
    stranger = app.test_client()
    assert [post(stranger, "/login", {"email": owner.email, "password": "x"}).status_code for _ in range(2)] == [
        422,
        422,
    ]
    other = make_user(session)
    totp_of_other = make_app(session, other)
    enter_password(stranger, other)
    enter(stranger, totp_of_other.now())
    assert is_in(stranger)


def test_the_owner_is_told_once_that_somebody_knows_the_password(
    app: Flask, halfway: FlaskClient, owner: User, totp: pyotp.TOTP, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings: Settings = app.config["SETTINGS"]
    app.config["SETTINGS"] = settings.model_copy(update={**SENDING, "sign_in_failures_account": 9})
    mailbox = opened(monkeypatch)

    for _ in range(7):
        enter(halfway, wrong(totp))

    assert [(address, letter.subject) for address, letter in mailbox.letters] == [
        (owner.email, "Somebody could not take the second step into your Lentigo account")
    ]


def test_a_colleague_in_the_same_network_can_not_make_others_wait(
    app: Flask, halfway: FlaskClient, session: Session, settings: Settings, totp: pyotp.TOTP
) -> None:
    settings = settings.model_copy(update={"sign_in_failures_address": 2})
    app.config["SETTINGS"] = settings
    colleague, browser = make_user(session), app.test_client()
    other = make_app(session, colleague)
    enter_password(browser, colleague)
    guesses = [enter(browser, wrong(other)).status_code for _ in range(3)]

    assert guesses[-1] == 429
    assert enter(halfway, totp.now()).status_code == 303


def test_after_a_hundred_wrong_codes_in_a_row_only_a_recovery_code_helps(
    halfway: FlaskClient, session: Session, owner: User, totp: pyotp.TOTP
) -> None:
    session.get_one(AuthenticatorApp, owner.id).failures = services.MOST_FAILURES
    codes = recovery.renew(session, user_id=owner.id)
    session.commit()

    assert enter(halfway, totp.now()).status_code == 422
    assert enter(halfway, codes[0], RECOVERY).status_code == 303
    session.expire_all()
    assert session.get_one(AuthenticatorApp, owner.id).failures == 0


@pytest.mark.parametrize("spelling", [str, str.upper, lambda code: code.replace("-", " "), lambda code: f" {code} "])
def test_a_recovery_code_signs_in_once(
    app: Flask, halfway: FlaskClient, session: Session, owner: User, spelling: Callable[[str], str]
) -> None:
    codes = recovery.renew(session, user_id=owner.id)
    session.commit()

    answer = enter(halfway, spelling(codes[3]), RECOVERY)

    assert answer.status_code == 303
    assert "9 recovery codes are left" in halfway.get(answer.location).text
    other = app.test_client()
    enter_password(other, owner)
    assert "it was used already" in enter(other, codes[3], RECOVERY).text
    assert enter(other, codes[4], RECOVERY).status_code == 303


def test_of_two_who_send_one_recovery_code_at_once_one_gets_in(
    app: Flask, session: Session, owner: User, totp: pyotp.TOTP
) -> None:
    code = recovery.renew(session, user_id=owner.id)[0]
    session.commit()
    browsers, start = [app.test_client() for _ in range(2)], Barrier(2)
    for browser in browsers:
        enter_password(browser, owner)

    def send(browser: FlaskClient) -> bool:
        start.wait()
        enter(browser, code, RECOVERY)
        return is_in(browser)

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(send, browsers)) == [False, True]


def test_a_recovery_code_of_another_account_is_refused(halfway: FlaskClient, session: Session) -> None:
    other = make_user(session)
    code = recovery.renew(session, user_id=other.id)[0]
    session.commit()

    assert enter(halfway, code, RECOVERY).status_code == 422
    assert len(session.scalars(select(RecoveryCode)).all()) == recovery.COUNT


def test_a_stolen_database_makes_no_codes(
    halfway: FlaskClient, session: Session, owner: User, totp: pyotp.TOTP
) -> None:
    codes = recovery.renew(session, user_id=owner.id)
    session.commit()

    rows = [session.execute(text(f"SELECT * FROM {table}")).all() for table in ("authenticator_apps", "recovery_codes")]  # noqa: S608 - ours

    assert totp.secret not in str(rows)
    assert totp.byte_secret() not in rows[0][0].secret
    assert not any(code.replace("-", "") in str(rows) for code in codes)


def test_a_key_that_was_moved_to_another_account_makes_no_codes(
    client: FlaskClient, session: Session, owner: User, totp: pyotp.TOTP
) -> None:
    victim = make_user(session)
    make_app(session, victim)
    own = session.get_one(AuthenticatorApp, owner.id).secret
    session.get_one(AuthenticatorApp, victim.id).secret = own
    session.commit()
    enter_password(client, victim)

    assert enter(client, totp.now()).status_code == 503
    assert not is_in(client)


def test_pending_rows_go_when_they_are_over(
    client: FlaskClient, session: Session, owner: User, totp: pyotp.TOTP
) -> None:
    session.add(PendingSignIn(digest="0" * 64, user_id=owner.id, fingerprint="", at=now() - timedelta(hours=1)))
    session.commit()

    enter_password(client, owner)

    assert len(session.scalars(select(PendingSignIn)).all()) == 1


def test_whoever_has_no_second_factor_signs_in_as_ever(client: FlaskClient, session: Session) -> None:
    sign_in(client, make_user(session))

    assert is_in(client)
    assert client.get(STEP).location == "/index"
