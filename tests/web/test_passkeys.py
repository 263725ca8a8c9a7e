"""Passkeys: registered, used alone, as second step and as proof; and what a hostile answer gets."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.auth.passkeys import challenges
from app.auth.passkeys.ceremonies import RefusedPasskeyError, answer_of, registered
from app.auth.passkeys.relying_party import RelyingParty, relying_party
from app.auth.passkeys.tables import Passkey
from app.auth.tables import SignIn, User
from app.clock import now
from config import Settings
from tests.factories import PASSWORD, csrf_token, make_user, post, sign_in
from tests.passkeys import PRESENT, Authenticator
from tests.web.test_second_step import STEP, copy_of, enter_password, is_in

SITE, HOST = "http://localhost", "localhost"
PUBLIC, ALLOWED = "https://lentigo.clinic.example", "a host that is allowed"
PAGE = "/account/second-step"
REGISTRATION, ALONE, SECOND = f"{PAGE}/passkeys", "/login/passkey", f"{STEP}/passkey"


@pytest.fixture
def device() -> Authenticator:
    return Authenticator(SITE, HOST)


@pytest.fixture
def registered_device(reader: FlaskClient, device: Authenticator) -> Authenticator:
    """A passkey of the owner, whose browser is signed in."""
    assert register(reader, device).status_code == 201
    return device


def options(client: FlaskClient, address: str, page: str = "/login") -> dict[str, Any]:
    token = csrf_token(client.get(page, follow_redirects=True).text)
    answer = client.post(f"{address}/options", headers={"X-CSRFToken": token, "X-Requested-With": "fetch"})
    assert answer.status_code == 200, answer.text
    assert answer.json is not None
    return dict(answer.json)


def send(client: FlaskClient, address: str, credential: str, page: str = "/login", **fields: str) -> Any:
    return post(client, address, {"credential": credential, **fields}, form=page)


def register(client: FlaskClient, device: Authenticator, name: str = "Phone") -> Any:
    form = f"{PAGE}/passkeys/new"
    return send(client, REGISTRATION, device.make(options(client, REGISTRATION, form)), form, name=name)


def sign_in_with(client: FlaskClient, device: Authenticator) -> Any:
    return send(client, ALONE, device.sign(options(client, ALONE)))


def test_a_passkey_is_registered_and_then_signs_in_alone(
    app: Flask, reader: FlaskClient, session: Session, owner: User, device: Authenticator
) -> None:
    made = register(reader, device, "Computer in room 3")

    assert made.status_code == 201
    assert made.text.count("<li><code>") == 10
    assert "Computer in room 3" in reader.get(PAGE).text
    browser = app.test_client()
    answer = sign_in_with(browser, device)
    assert (answer.status_code, answer.location) == (303, "/index")
    assert is_in(browser)
    assert session.scalars(select(SignIn.how).order_by(SignIn.id.desc())).first() == "passkey"
    assert "Last used on" in browser.get(PAGE).text


def test_it_asks_for_the_person_and_for_no_attestation(reader: FlaskClient, owner: User) -> None:
    asked = options(reader, REGISTRATION, f"{PAGE}/passkeys/new")

    assert asked["rp"]["id"] == HOST
    assert asked["authenticatorSelection"]["userVerification"] == "required"
    assert asked["authenticatorSelection"]["residentKey"] == "required"
    assert asked["attestation"] == "none"
    assert owner.email not in str(asked["user"]["id"])
    assert options(reader, "/account/confirm/passkey", PAGE)["userVerification"] == "required"


def test_a_device_that_has_one_already_is_not_asked_again(
    reader: FlaskClient, registered_device: Authenticator
) -> None:
    asked = options(reader, REGISTRATION, f"{PAGE}/passkeys/new")

    assert len(asked["excludeCredentials"]) == 1


def test_a_passkey_is_the_second_step_after_the_password(
    app: Flask, owner: User, registered_device: Authenticator
) -> None:
    browser = app.test_client()
    assert enter_password(browser, owner).location == STEP

    asked = options(browser, SECOND, STEP)
    answer = send(browser, SECOND, registered_device.sign(asked), STEP)

    assert len(asked["allowCredentials"]) == 1
    assert (answer.status_code, answer.location) == (303, "/index")
    assert is_in(browser)


def test_the_second_step_takes_no_passkey_of_another_account(
    app: Flask, session: Session, registered_device: Authenticator
) -> None:
    other, browser = make_user(session), app.test_client()
    sign_in(browser, other)
    register(browser, Authenticator(SITE, HOST))
    post(browser, "/logout", form="/index")
    enter_password(browser, other)

    send(browser, SECOND, registered_device.sign(options(browser, SECOND, STEP)), STEP)

    assert not is_in(browser)


@pytest.mark.parametrize(
    "change",
    [
        {"origin": "http://localhost.evil.example"},
        {"origin": "https://localhost"},
        {"origin": "http://localhost:8000"},
        {"rp_id": "evil.example"},
        {"flags": PRESENT},
        {"flags": 0},
        {"handle": b"somebody else"},
        {"credential": b"unknown"},
    ],
)
def test_an_answer_for_another_site_or_without_the_person_opens_nothing(
    app: Flask, registered_device: Authenticator, change: dict[str, Any]
) -> None:
    browser = app.test_client()

    answer = sign_in_with(browser, replace(registered_device, **change))

    assert answer.location == "/login"
    assert not is_in(browser)


def test_a_signature_by_another_key_opens_nothing(app: Flask, registered_device: Authenticator) -> None:
    browser, forged = app.test_client(), Authenticator(SITE, HOST)
    forged.credential, forged.handle, forged.count = registered_device.credential, registered_device.handle, 5

    sign_in_with(browser, forged)

    assert not is_in(browser)
    assert sign_in_with(browser, registered_device).location == "/index"  # the forged counter was not believed


def test_an_answer_counts_once_even_with_a_copy_of_the_cookie(app: Flask, registered_device: Authenticator) -> None:
    browser = app.test_client()
    answer = registered_device.sign(options(browser, ALONE))
    thief = copy_of(browser, app)
    send(browser, ALONE, answer)

    assert is_in(browser)
    send(thief, ALONE, answer)
    assert not is_in(thief)


def test_of_two_who_send_one_answer_at_once_one_gets_in(app: Flask, registered_device: Authenticator) -> None:
    registered_device.count = -1  # such as sends no counter
    browser = app.test_client()
    answer = registered_device.sign(options(browser, ALONE))
    other = copy_of(browser, app)
    start = Barrier(2)

    def go(client: FlaskClient) -> bool:
        token = csrf_token(client.get("/login").text)
        start.wait()
        client.post(ALONE, data={"credential": answer, "csrf_token": token})
        return is_in(client)

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(go, (browser, other))) == [False, True]


def test_a_challenge_of_another_browser_another_purpose_or_too_long_ago_counts_nothing(
    app: Flask, owner: User, registered_device: Authenticator, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, other = app.test_client(), app.test_client()
    enter_password(browser, owner)
    options(browser, SECOND, STEP)

    send(browser, SECOND, registered_device.sign(options(other, ALONE)), STEP)
    send(browser, SECOND, registered_device.sign(options(browser, ALONE)), STEP)
    asked = options(browser, SECOND, STEP)
    late = now() + timedelta(minutes=6)
    monkeypatch.setattr(challenges, "now", lambda: late)
    send(browser, SECOND, registered_device.sign(asked), STEP)

    assert not is_in(browser)


def test_a_counter_that_does_not_go_up_is_refused_and_shown(
    app: Flask, reader: FlaskClient, registered_device: Authenticator
) -> None:
    registered_device.count = 10
    browser = app.test_client()
    sign_in_with(browser, registered_device)
    copy = replace(registered_device, count=5)

    thief = app.test_client()
    answer = sign_in_with(thief, copy)

    assert not is_in(thief)
    assert "there may be a copy of it" in thief.get(answer.location).text
    assert "there may be a copy of it" in browser.get(PAGE).text


def test_an_authenticator_without_counter_may_sign_in_again_and_again(
    app: Flask, registered_device: Authenticator
) -> None:
    for _ in range(2):
        registered_device.count = -1
        browser = app.test_client()
        sign_in_with(browser, registered_device)
        assert is_in(browser)


def test_a_passkey_proves_it_again_and_the_password_alone_does_not(
    reader: FlaskClient, registered_device: Authenticator, later: Callable[[float], None]
) -> None:
    later(11)
    asked = reader.post(f"{PAGE}/recovery-codes", data={"csrf_token": csrf_token(reader.get(PAGE).text)})
    token = csrf_token(asked.text)

    refused = reader.post(f"{PAGE}/recovery-codes", data={"csrf_token": token, "proof_password": PASSWORD})
    proof = registered_device.sign(options(reader, "/account/confirm/passkey", PAGE))
    done = reader.post(f"{PAGE}/recovery-codes", data={"csrf_token": token, "proof_passkey": proof})

    assert asked.status_code == 401
    assert "proof_password" not in asked.text
    assert refused.status_code in (401, 422)
    assert done.status_code == 201


def test_a_passkey_is_removed_by_its_owner_alone(
    app: Flask, reader: FlaskClient, session: Session, registered_device: Authenticator
) -> None:
    row = session.scalars(select(Passkey)).one()
    address = f"{PAGE}/passkeys/{row.public_id}/remove"
    stranger = app.test_client()
    assert stranger.post(address).status_code == 302
    sign_in(stranger, make_user(session))

    assert post(stranger, address, form=PAGE).status_code == 404
    assert post(reader, address, form=PAGE).status_code == 303
    browser = app.test_client()
    sign_in_with(browser, registered_device)
    assert not is_in(browser)


def test_a_passkey_is_registered_once(app: Flask, session: Session, registered_device: Authenticator) -> None:
    stranger = app.test_client()
    sign_in(stranger, make_user(session))

    answer = register(stranger, registered_device)

    assert answer.status_code == 422
    assert "registered already" in answer.text


@pytest.mark.parametrize("flags", [PRESENT, 0])
def test_no_passkey_is_made_without_the_person(reader: FlaskClient, device: Authenticator, flags: int) -> None:
    device.flags = flags

    assert register(reader, device).status_code == 422


def test_a_registration_for_another_site_or_challenge_is_refused(
    reader: FlaskClient, session: Session, device: Authenticator
) -> None:
    asked = options(reader, REGISTRATION, f"{PAGE}/passkeys/new")
    elsewhere = replace(device, origin="https://evil.example").make(asked)
    old = device.make(asked | {"challenge": "AAAA"})

    for answer in (elsewhere, old, "{}", ""):
        options(reader, REGISTRATION, f"{PAGE}/passkeys/new")
        assert send(reader, REGISTRATION, answer, f"{PAGE}/passkeys/new", name="Phone").status_code == 422
    assert session.scalars(select(Passkey)).all() == []


def test_a_name_that_can_not_be_is_said_at_the_field(reader: FlaskClient, device: Authenticator) -> None:
    answer = register(reader, device, " ")

    assert answer.status_code == 422
    assert "Please give it a name." in answer.text


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
def test_at_an_address_without_a_name_there_are_no_passkeys(client: FlaskClient, host: str) -> None:
    address = f"http://{host}"
    page = client.get("/login", base_url=address).text

    answer = client.post(f"{ALONE}/options", data={"csrf_token": csrf_token(page)}, base_url=address)

    assert answer.status_code == 404
    assert "passkey" not in page


@pytest.mark.parametrize(
    ("public", "asked", "party"),
    [
        (PUBLIC, PUBLIC, RelyingParty("lentigo.clinic.example", PUBLIC)),
        (f"{PUBLIC}:8443/lentigo", f"{PUBLIC}:8443", RelyingParty("lentigo.clinic.example", f"{PUBLIC}:8443")),
        (PUBLIC, "http://lentigo.clinic.example", RelyingParty("lentigo.clinic.example", PUBLIC)),
        (PUBLIC, "https://evil.example", None),
        (PUBLIC, SITE, None),
        ("http://lentigo.clinic.example", "http://lentigo.clinic.example", None),
        ("https://192.0.2.7", "https://192.0.2.7", None),
        (None, PUBLIC, None),
        (ALLOWED, PUBLIC, RelyingParty("lentigo.clinic.example", PUBLIC)),
        (ALLOWED, "http://lentigo.clinic.example", None),
        (ALLOWED, "https://evil.example", None),
        (None, SITE, RelyingParty(HOST, SITE)),
        (None, f"{SITE}:8000", RelyingParty(HOST, f"{SITE}:8000")),
    ],
)
def test_who_the_site_is_follows_from_the_settings(
    app: Flask, settings: Settings, public: str | None, asked: str, party: RelyingParty | None
) -> None:
    named = {"allowed_hosts": ("lentigo.clinic.example",)} if public == ALLOWED else {"public_address": public}
    app.config["SETTINGS"] = settings.model_copy(update=named)

    with app.test_request_context("/", base_url=asked):
        assert relying_party() == party


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
WRITTEN = st.fixed_dictionaries(
    {"id": st.just("AAAA") | ANYTHING, "rawId": st.just("AAAA") | ANYTHING, "type": st.just("public-key") | ANYTHING},
    optional={
        "response": ANYTHING
        | st.dictionaries(
            st.sampled_from(["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]),
            st.just("e30") | st.just("oA") | ANYTHING,
        ),
        "authenticatorAttachment": ANYTHING,
    },
)


@examples(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(WRITTEN.map(json.dumps) | st.text(max_size=50) | st.just("[" * 10_000))
def test_whatever_is_sent_is_refused_with_a_sentence(written: str) -> None:
    party = RelyingParty(HOST, SITE)

    with pytest.raises(RefusedPasskeyError):
        registered(party, b"challenge", written)
    try:
        answer_of(written)
    except RefusedPasskeyError as error:
        assert error.message  # noqa: PT017 - some can be read, and are refused later
