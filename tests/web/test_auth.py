import re

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select

from app.auth.passwords import EXTENSION, Passwords
from app.auth.tables import FailedSignIn, User
from tests.factories import PASSWORD, csrf_token, make_user, post, sign_in

WRONG = "The e-mail address or the password is not right."
ADA = {"name": "Ada Berg", "email": "ada@clinic.example", "password": PASSWORD, "confirm": PASSWORD}


class CountingHasher(PasswordHasher):
    """Counts how often a password was looked at, and against which hash."""

    def __init__(self):
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.costs = []

    def verify(self, hash, password):  # noqa: A002 - argon2's name
        self.costs.append(hash.split("$")[1:4])
        return super().verify(hash, password)


NONCE = re.compile(r'nonce="[^"]+"')


def without(html, *secrets):
    for secret in secrets:
        html = html.replace(secret, "")
    return NONCE.sub("", html)


def test_a_person_registers_and_is_signed_in(client, session):
    response = post(client, "/register", ADA)

    assert (response.status_code, response.location) == (303, "/index")
    assert client.get("/index").status_code == 200
    assert session.scalars(select(User.email)).all() == ["ada@clinic.example"]


def test_the_password_is_kept_as_an_argon2id_hash_only(client, session):
    post(client, "/register", ADA)

    user = session.scalars(select(User)).one()
    assert user.password_hash.startswith("$argon2id$")
    assert PASSWORD not in user.password_hash


def test_the_case_of_an_email_address_makes_no_difference(client, session):
    post(client, "/register", ADA | {"email": " Ada@Clinic.EXAMPLE "})
    post(client, "/logout", form="/index")

    response = post(client, "/login", {"email": "ADA@clinic.example", "password": PASSWORD})

    assert response.status_code == 303
    assert session.scalars(select(User.email)).all() == ["ada@clinic.example"]


@pytest.mark.parametrize(
    "password",
    ["two green birds", "walks by the lake " * 14 + "1234", "три зелёные птицы", "🔑🦊🌊🍋🧭🎻🪁🥝🐢🏔🎯🧩🌵🚲🎈"],
)
def test_any_characters_will_do_from_15_to_256_of_them(client, password):
    response = post(client, "/register", ADA | {"password": password, "confirm": password})

    assert response.status_code == 303


def test_a_password_is_the_same_on_every_keyboard(client, session):
    composed, decomposed = "un caf\u00e9 au soleil", "un cafe\u0301 au soleil"
    post(client, "/register", ADA | {"password": composed, "confirm": composed})
    post(client, "/logout", form="/index")

    response = post(client, "/login", {"email": ADA["email"], "password": decomposed})

    assert response.status_code == 303


@pytest.mark.parametrize(
    ("entries", "sentence"),
    [
        ({"password": "two green bird", "confirm": "two green bird"}, "Please use at least 15 characters."),
        ({"password": "a walk" * 43, "confirm": "a walk" * 43}, "Please use at most 256 characters."),
        ({"password": "Ada Berg Ada Berg 1", "confirm": "Ada Berg Ada Berg 1"}, "This is too easy to guess"),
        ({"confirm": "another long password"}, "The two passwords are not the same."),
        ({"name": ""}, "Please enter your name."),
        ({"name": "   "}, "Please enter your name."),
        ({"name": "Ada\x00Berg"}, "Please use letters, digits and punctuation only."),
        ({"name": "A" * 121}, "120 characters"),
        ({"email": ""}, "Please enter your e-mail address."),
        ({"email": "ada"}, "Please enter an e-mail address"),
        ({"email": "ada@b@c"}, "Please enter an e-mail address"),
        ({"email": "ada berg@clinic.example"}, "Please enter an e-mail address"),
        ({"email": "a" * 250 + "@b.example"}, "254 characters"),
    ],
)
def test_it_says_at_the_field_what_is_wrong(client, session, entries, sentence):
    response = post(client, "/register", ADA | entries)

    assert response.status_code == 422
    assert sentence in response.text
    assert 'aria-invalid="true"' in response.text
    assert session.scalar(select(func.count(User.id))) == 0


@pytest.mark.parametrize("address", ["/register", "/login"])
def test_it_never_sends_a_password_back(client, address):
    response = post(client, address, ADA | {"name": "", "email": "nobody@clinic.example"})

    assert response.status_code == 422
    assert PASSWORD not in response.text


def test_it_says_that_an_account_exists(client, session):
    make_user(session, email=ADA["email"])

    response = post(client, "/register", ADA | {"email": "Ada@Clinic.example"})

    assert response.status_code == 422
    assert "There is already an account with this e-mail address." in response.text
    assert session.scalar(select(func.count(User.id))) == 1


def test_a_registration_needs_the_token_of_its_form(client, session):
    response = client.post("/register", data=ADA)

    assert response.status_code == 400
    assert session.scalar(select(func.count(User.id))) == 0


def test_it_signs_in(client, session):
    user = make_user(session)

    response = post(client, "/login", {"email": user.email, "password": PASSWORD})

    assert (response.status_code, response.location) == (303, "/index")


def test_an_unknown_person_and_a_wrong_password_get_the_same_answer(client, session):
    user = make_user(session, email="known_@clinic.example")
    pages = []

    for email in (user.email, "nobody@clinic.example"):
        page = post(client, "/login", {"email": email, "password": "not this password"})
        pages.append((page.status_code, without(page.text, email, csrf_token(page.text))))

    assert pages[0] == pages[1]
    assert pages[0][0] == 422
    assert WRONG in pages[0][1]


def test_an_unknown_person_costs_as_much_time_as_a_wrong_password(app, client, session):
    user = make_user(session)
    hasher = CountingHasher()
    app.extensions[EXTENSION] = Passwords(hasher)

    for email in (user.email, "nobody@clinic.example"):
        post(client, "/login", {"email": email, "password": "not this password"})

    known, unknown = hasher.costs
    assert known == unknown


@pytest.mark.parametrize("password", ["", "A" * 5000, "\x00", PASSWORD + " ", PASSWORD.upper()])
def test_it_refuses_other_passwords(client, session, password):
    user = make_user(session)

    response = post(client, "/login", {"email": user.email, "password": password})

    assert response.status_code == 422
    assert client.get("/index").status_code == 302


def test_a_hash_of_older_parameters_is_renewed_at_sign_in(app, client, session):
    user = make_user(session)
    before = user.password_hash
    app.extensions[EXTENSION] = Passwords(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))

    sign_in(client, user)

    session.expire_all()
    assert user.password_hash != before
    assert "m=16,t=2,p=1" in user.password_hash


def test_a_hash_of_the_same_parameters_is_kept(client, session):
    user = make_user(session)
    before = user.password_hash

    sign_in(client, user)

    session.expire_all()
    assert user.password_hash == before


def test_a_hash_that_is_none_lets_nobody_in(client, session):
    user = make_user(session)
    user.password_hash = "!"
    session.commit()

    response = post(client, "/login", {"email": user.email, "password": "!"})

    assert response.status_code == 422


def test_it_goes_on_to_where_the_person_was_going(client, session):
    user = make_user(session)
    address = client.get("/previous_tests?q=M%C3%BCller").location

    response = post(client, address, {"email": user.email, "password": PASSWORD})

    assert response.location == "/previous_tests?q=M%C3%BCller"


def test_a_wrong_password_does_not_lose_the_way(client, session):
    user = make_user(session)

    page = post(client, "/login?next=/previous_tests", {"email": user.email, "password": "wrong"})

    assert 'action="/login?next=/previous_tests"' in page.text


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example", "/\\evil.example", "/logout", "/no_such_page"]
)
def test_it_goes_nowhere_else(client, session, target):
    user = make_user(session)
    token = csrf_token(client.get("/login", query_string={"next": target}).text)

    response = client.post(
        "/login",
        query_string={"next": target},
        data={"email": user.email, "password": PASSWORD, "csrf_token": token},
    )

    assert response.location == "/index"


@pytest.mark.parametrize("address", ["/register", "/login"])
def test_those_who_are_signed_in_are_sent_home(client, session, address):
    sign_in(client, make_user(session))

    response = client.get(address)

    assert (response.status_code, response.location) == (302, "/index")


def test_it_signs_out(client, session):
    sign_in(client, make_user(session))

    response = post(client, "/logout", form="/index")

    assert (response.status_code, response.location) == (303, "/")
    assert client.get("/index").status_code == 302
    assert "You are signed out." in client.get("/").text


def test_signing_out_takes_a_form(client, session):
    sign_in(client, make_user(session))

    assert client.get("/logout").status_code == 405
    assert client.get("/index").status_code == 200


def test_signing_out_takes_the_token_of_the_form(client, session):
    sign_in(client, make_user(session))

    response = client.post("/logout")

    assert response.status_code == 400
    assert client.get("/index").status_code == 200


def test_a_failure_is_kept_without_the_persons_address(client, session):
    user = make_user(session)

    post(client, "/login", {"email": user.email, "password": "wrong"})

    failure = session.scalars(select(FailedSignIn)).one()
    assert len(failure.account) == len(failure.address) == 64
    assert user.email not in failure.account
    assert "127.0.0.1" not in failure.address


def test_an_address_that_grows_in_lower_case_is_measured_as_it_is_kept(client, session):
    response = post(client, "/register", ADA | {"email": "\u0130" * 200 + "@clinic.example"})

    assert response.status_code == 422
    assert "254 characters" in response.text
