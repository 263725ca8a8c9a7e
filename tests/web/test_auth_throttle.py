from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.auth import throttle
from app.auth.passwords import EXTENSION, Passwords
from app.auth.tables import FailedSignIn, User
from app.clock import now
from app.extensions import db
from tests.factories import PASSWORD, csrf_token, make_user, post, sign_in
from tests.web.test_auth import ADA, CountingHasher

GUESS = "not this password"
HERE = {"REMOTE_ADDR": "203.0.113.7"}
ELSEWHERE = {"REMOTE_ADDR": "198.51.100.9"}


@pytest.fixture
def settings(settings):
    return settings.model_copy(update={"sign_in_failures_account": 3, "sign_in_failures_address": 6})


def attempt(client, email, password=GUESS, origin=HERE, address="/login", **fields):
    token = csrf_token(client.get("/login").text)
    data = {"email": email, "password": password, "csrf_token": token, **fields}
    return client.post(address, data=data, environ_base=origin)


def fail(client, email, times, origin=HERE):
    for _ in range(times):
        assert attempt(client, email, origin=origin).status_code == 422


def test_too_many_failures_bring_a_pause(client, session):
    user = make_user(session)
    fail(client, user.email, 3)

    response = attempt(client, user.email)

    assert response.status_code == 429
    assert 0 < int(response.headers["Retry-After"]) <= 15 * 60
    assert "There were too many failed attempts. Please try again in 15 minutes." in response.text


def test_the_right_password_has_to_wait_too(client, session):
    user = make_user(session)
    fail(client, user.email, 3)

    response = attempt(client, user.email, PASSWORD)

    assert response.status_code == 429
    assert client.get("/index").status_code == 302


def test_an_account_is_protected_from_every_address(client, session):
    user = make_user(session)
    fail(client, user.email, 3)

    assert attempt(client, user.email, origin=ELSEWHERE).status_code == 429


def test_the_spelling_of_the_address_makes_no_new_account(client, session):
    user = make_user(session, email="ada@clinic.example")
    fail(client, user.email, 3)

    assert attempt(client, " ADA@Clinic.example").status_code == 429


def test_an_unknown_account_is_treated_alike(client, session):
    fail(client, "nobody@clinic.example", 3)

    assert attempt(client, "nobody@clinic.example").status_code == 429


def test_other_accounts_go_on(client, session):
    ada, grace = make_user(session), make_user(session)
    fail(client, ada.email, 3)

    assert attempt(client, grace.email, PASSWORD).status_code == 303


def test_an_address_that_tries_many_accounts_has_to_wait(client, session):
    user = make_user(session)
    for number in range(6):
        fail(client, f"guess{number}@clinic.example", 1)

    assert attempt(client, user.email, PASSWORD).status_code == 429
    assert attempt(client, user.email, PASSWORD, origin=ELSEWHERE).status_code == 303


def test_the_addresses_of_one_ipv6_network_are_one(client):
    for number in range(6):
        fail(client, f"guess{number}@clinic.example", 1, {"REMOTE_ADDR": f"2001:db8:1:2::{number + 1}"})

    same = attempt(client, "next@clinic.example", origin={"REMOTE_ADDR": "2001:db8:1:2:ffff::1"})
    other = attempt(client, "next@clinic.example", origin={"REMOTE_ADDR": "2001:db8:1:3::1"})

    assert (same.status_code, other.status_code) == (429, 422)


def test_success_clears_the_account(client, session):
    user = make_user(session)
    fail(client, user.email, 2)
    sign_in(client, user)
    post(client, "/logout", form="/index")

    fail(client, user.email, 3)

    assert attempt(client, user.email).status_code == 429


def test_success_does_not_clear_the_address(client, session):
    mallory = make_user(session)
    for number in range(5):
        fail(client, f"guess{number}@clinic.example", 1)
    assert attempt(client, mallory.email, PASSWORD).status_code == 303
    post(client, "/logout", form="/index")

    fail(client, "guess6@clinic.example", 1)

    assert attempt(client, "guess7@clinic.example").status_code == 429


def test_waiting_comes_to_an_end_even_for_those_who_keep_trying(client, session, monkeypatch):
    user = make_user(session)
    fail(client, user.email, 3)
    for _ in range(5):
        attempt(client, user.email)
    later = now() + timedelta(minutes=15, seconds=1)

    monkeypatch.setattr(throttle, "now", lambda: later)

    assert attempt(client, user.email, PASSWORD).status_code == 303


def test_failures_are_forgotten_after_the_window(client, session, monkeypatch):
    fail(client, "nobody@clinic.example", 3)
    later = now() + timedelta(minutes=16)

    monkeypatch.setattr(throttle, "now", lambda: later)
    fail(client, "somebody@clinic.example", 1)

    assert session.scalar(select(func.count(FailedSignIn.id))) == 1


def test_parallel_attempts_can_not_all_slip_through(app, session):
    email = make_user(session).email
    hasher = CountingHasher()
    app.extensions[EXTENSION] = Passwords(hasher)
    clients = [app.test_client() for _ in range(12)]
    tokens = [csrf_token(client.get("/login").text) for client in clients]

    def guess(number):
        data = {"email": email, "password": f"guess {number}", "csrf_token": tokens[number]}
        return clients[number].post("/login", data=data, environ_base=HERE).status_code

    with ThreadPoolExecutor(12) as pool:
        statuses = sorted(pool.map(guess, range(12)))

    assert len(hasher.costs) <= 3
    assert statuses == [422] * len(hasher.costs) + [429] * (12 - len(hasher.costs))


def test_looking_for_accounts_by_registering_is_slowed_down_too(client, session):
    make_user(session, email=ADA["email"])
    answers = [attempt(client, address="/register", **ADA).status_code for _ in range(7)]

    assert answers == [422] * 6 + [429]


def test_people_who_register_are_not_counted(client, session):
    for number in range(8):
        entries = ADA | {"email": f"person{number}@clinic.example"}
        assert attempt(client, address="/register", **entries).status_code == 303
        post(client, "/logout", form="/index")

    assert session.scalar(select(func.count(User.id))) == 8
    assert session.scalar(select(func.count(FailedSignIn.id))) == 0


@pytest.mark.parametrize(("seconds", "words"), [(1, "1 minute."), (60, "1 minute."), (61, "2 minutes.")])
def test_it_says_how_long_to_wait(seconds, words):
    refusal = throttle.refusal(seconds)

    assert refusal.message.endswith(words)
    assert refusal.retry_after == seconds


def test_the_same_address_has_another_digest_under_another_key(app):
    with app.app_context():
        digests = set()
        for key in ("one", "two"):
            limits = throttle.Limits(3, 6, timedelta(minutes=15), key)
            begun = throttle.begin(db.session(), limits, account="a@b", address="a@b")
            digests |= {begun.account, begun.address}
        db.session.rollback()

    assert len(digests) == 4


def test_who_guesses_elsewhere_can_not_keep_a_known_device_waiting(app, client, session):
    user = make_user(session)
    sign_in(client, user)
    post(client, "/logout", form="/index")
    mallory = app.test_client()
    fail(mallory, user.email, 3)

    assert attempt(mallory, user.email, PASSWORD).status_code == 429
    assert attempt(app.test_client(), user.email, PASSWORD, ELSEWHERE).status_code == 429
    assert attempt(client, user.email, PASSWORD).status_code == 303


def test_nor_can_a_neighbour_in_the_same_network(app, client, session):
    user = make_user(session)
    sign_in(client, user)
    post(client, "/logout", form="/index")
    for number in range(6):
        fail(app.test_client(), f"guess{number}@clinic.example", 1)

    assert attempt(app.test_client(), user.email, PASSWORD).status_code == 429
    assert attempt(client, user.email, PASSWORD).status_code == 303


def test_a_known_device_is_slowed_down_by_itself(app, client, session):
    user = make_user(session)
    sign_in(client, user)
    post(client, "/logout", form="/index")
    fail(client, user.email, 3)

    assert attempt(client, user.email, PASSWORD).status_code == 429
    assert attempt(app.test_client(), user.email, PASSWORD).status_code == 303


def test_a_device_is_known_to_whom_it_has_been_used_by_and_to_nobody_else(app, client, session):
    ada, grace, mallory = make_user(session), make_user(session), make_user(session)
    for user in (ada, grace):
        sign_in(client, user)
        post(client, "/logout", form="/index")
    for number, user in enumerate((ada, grace, mallory)):
        fail(app.test_client(), user.email, 3, {"REMOTE_ADDR": f"198.51.100.{number}"})

    statuses = []
    for user in (ada, grace, mallory):
        statuses.append(attempt(client, user.email, PASSWORD).status_code)
        if statuses[-1] == 303:
            post(client, "/logout", form="/index")

    assert statuses == [303, 303, 429]


@pytest.mark.parametrize("forged", ["", "x", "W10.aaaa.bbbb", "WyJhIl0"])
def test_a_forged_cookie_makes_no_device_known(app, client, session, forged):
    user = make_user(session)
    fail(app.test_client(), user.email, 3)
    client.set_cookie("lentigo-known", forged)

    assert attempt(client, user.email, PASSWORD).status_code == 429


def test_a_cookie_of_a_known_device_opens_nothing(app, client, session):
    user = make_user(session)
    sign_in(client, user)
    thief = app.test_client()
    thief.set_cookie("lentigo-known", client.get_cookie("lentigo-known").value)

    assert thief.get("/index").status_code == 302
    assert user.email not in client.get_cookie("lentigo-known").value


def test_parallel_attempts_from_a_known_device_can_not_all_slip_through(app, client, session):
    email = make_user(session).email
    post(client, "/login", {"email": email, "password": PASSWORD})
    known = client.get_cookie("lentigo-known").value
    hasher = CountingHasher()
    app.extensions[EXTENSION] = Passwords(hasher)
    clients = [app.test_client() for _ in range(12)]
    tokens = [csrf_token(each.get("/login").text) for each in clients]
    for each in clients:
        each.set_cookie("lentigo-known", known)

    def guess(number):
        data = {"email": email, "password": f"guess {number}", "csrf_token": tokens[number]}
        return clients[number].post("/login", data=data, environ_base=HERE).status_code

    with ThreadPoolExecutor(12) as pool:
        statuses = sorted(pool.map(guess, range(12)))

    assert len(hasher.costs) <= 3
    assert statuses == [422] * len(hasher.costs) + [429] * (12 - len(hasher.costs))
