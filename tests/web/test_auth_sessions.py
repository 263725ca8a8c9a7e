from datetime import timedelta

import pytest

from app.auth import sessions
from app.clock import now
from app.extensions import db
from app.factory import create_app
from config import Settings
from tests.factories import PASSWORD, csrf_token, make_user, post, sign_in

COOKIE = "lentigo"


def cookie(client, name=COOKIE):
    kept = client.get_cookie(name)
    return kept and kept.value


@pytest.fixture
def thief(app):
    """A second browser, which has been given a cookie of the first."""

    def with_cookie(value):
        client = app.test_client()
        client.set_cookie(COOKIE, value)
        return client

    return with_cookie


def test_the_cookie_changes_at_sign_in_and_the_old_one_opens_nothing(client, session, thief):
    user = make_user(session)
    client.get("/login")
    before = cookie(client)

    sign_in(client, user)

    assert cookie(client) != before
    assert thief(before).get("/index").status_code == 302


def test_a_planted_cookie_is_not_signed_in_with_its_victim(app, client, session, thief):
    mallory = app.test_client()
    mallory.get("/login")
    planted = cookie(mallory)
    victim = thief(planted)

    sign_in(victim, make_user(session))

    assert mallory.get("/index").status_code == 302


def test_nothing_of_the_session_before_is_left_after_sign_in(client, session):
    user = make_user(session)
    with client.session_transaction() as before:
        before["planted"] = "by somebody else"

    sign_in(client, user)

    with client.session_transaction() as after:
        assert "planted" not in after


def test_a_form_of_before_the_sign_in_counts_no_more(client, session):
    old = csrf_token(client.get("/login").text)
    sign_in(client, make_user(session))

    response = client.post("/logout", data={"csrf_token": old})

    assert response.status_code == 400


def test_a_copy_of_the_cookie_is_worthless_after_sign_out(client, session, thief):
    sign_in(client, make_user(session))
    copy = cookie(client)
    before = thief(copy).get("/index").status_code

    post(client, "/logout", form="/index")

    assert before == 200
    assert thief(copy).get("/index").status_code == 302


def test_nothing_of_the_session_is_left_after_sign_out(client, session):
    sign_in(client, make_user(session))

    post(client, "/logout", form="/index")

    with client.session_transaction() as left:
        assert set(left) <= {"_flashes"}


def test_the_cookie_names_nobody(client, session):
    user = make_user(session)
    sign_in(client, user)

    with client.session_transaction() as kept:
        values = {str(value) for value in kept.values()}

    assert str(user.id) not in values
    assert user.email not in values


def test_a_sign_in_ends_after_the_set_time_even_if_it_is_used(client, session, settings, monkeypatch):
    sign_in(client, make_user(session))
    almost = now() + timedelta(hours=settings.session_hours, minutes=-1)
    over = now() + timedelta(hours=settings.session_hours, minutes=1)

    monkeypatch.setattr(sessions, "now", lambda: almost)
    while_it_lasts = client.get("/index").status_code
    monkeypatch.setattr(sessions, "now", lambda: over)

    assert while_it_lasts == 200
    assert client.get("/index").status_code == 302


@pytest.mark.parametrize("value", ["", "x", "eyJfdXNlcl9pZCI6IjEifQ.aaaa.bbbb", "a.b.c.d"])
def test_a_made_up_cookie_opens_nothing(thief, value):
    assert thief(value).get("/index").status_code == 302


def test_an_account_that_is_gone_is_signed_out(client, session):
    user = make_user(session)
    sign_in(client, user)

    session.delete(user)
    session.commit()

    assert client.get("/index").status_code == 302


def test_the_cookie_is_kept_from_scripts_and_other_sites(client, session):
    header = post(client, "/login", {"email": make_user(session).email, "password": PASSWORD}).headers["Set-Cookie"]

    assert header.startswith("lentigo=")
    assert "HttpOnly" in header
    assert "SameSite=Lax" in header
    assert "Path=/" in header
    assert "Domain" not in header
    assert "Secure" not in header


def test_the_cookie_is_bound_to_https_and_this_host_where_there_is_https(tmp_path, classifiers):
    app = create_app(Settings(environment="testing", instance=tmp_path, https=True), classifiers)

    header = app.test_client().get("/login", base_url="https://lentigo.example").headers["Set-Cookie"]

    with app.app_context():
        db.engine.dispose()
    assert header.startswith("__Host-lentigo=")
    assert "Secure" in header
    assert "Path=/" in header
    assert "Domain" not in header
