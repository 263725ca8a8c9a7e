from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app.auth import jobs, sessions
from app.auth.sign_ins import digest_of
from app.auth.tables import SignIn
from app.clock import now
from app.extensions import db
from app.factory import create_app
from config import Settings
from tests.factories import PASSWORD, csrf_token, make_token, make_user, post, sign_in

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


def test_a_sign_in_ends_after_the_set_time_even_if_it_is_used(reader, settings, later):
    end = 60 * settings.session_hours

    def status(minute):
        later(minute)
        return reader.get("/index").status_code

    while_it_lasts = {status(minute) for minute in (*range(20, end, 20), end - 1)}

    assert while_it_lasts == {200}
    assert status(end + 1) == 302


def test_a_sign_in_ends_if_nobody_is_at_work(reader, settings, later):
    later(settings.session_idle_minutes - 1)
    while_it_lasts = reader.get("/index").status_code
    later(2 * settings.session_idle_minutes)

    response = reader.get("/previous_tests?q=Ingrid")

    assert while_it_lasts == 200
    assert response.location == "/login?next=/previous_tests?q%3DIngrid"


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("/live/x:y", {}),
        ("/waiting/session", {}),
        ("/service-worker.js", {}),
        ("/prediction", {"X-Requested-With": "queue"}),
    ],
)
def test_what_pages_ask_for_by_themselves_keeps_no_session_alive(reader, settings, later, address, headers):
    later(settings.session_idle_minutes - 1)
    answered = reader.get(address, headers=headers).status_code
    later(settings.session_idle_minutes + 1)

    assert answered in (200, 404)
    assert reader.get("/index").status_code == 302


def test_being_at_work_is_written_at_most_once_a_minute(reader, session, later):
    def seen():
        session.expire_all()
        return session.scalars(select(SignIn.seen_at)).one()

    moments = [seen()]
    for seconds in (30, 61, 90, 122):
        later(seconds / 60)
        reader.get("/index")
        moments.append(seen())

    begun, half, second, still, third = moments
    assert begun == half < second == still < third


def test_the_token_itself_is_not_kept(reader, session):
    with reader.session_transaction() as kept:
        token = kept[sessions.TOKEN]

    row = session.scalars(select(SignIn)).one()

    assert token not in str(vars(row))
    assert row.digest == digest_of(token)


def test_a_digest_out_of_the_database_opens_nothing(app, reader, session, thief):
    digest = session.scalars(select(SignIn.digest)).one()
    forged = app.test_client()
    with forged.session_transaction() as made:  # even for whoever knows the secret key
        made[sessions.TOKEN] = digest

    assert forged.get("/index").status_code == 302


def test_other_devices_stay_signed_in(app, reader, session, owner):
    phone = app.test_client()
    sign_in(phone, owner)

    post(reader, "/logout", form="/index")

    assert reader.get("/index").status_code == 302
    assert phone.get("/index").status_code == 200


def test_signing_in_again_leaves_no_sign_in_behind(reader, session, owner):
    before = session.scalars(select(SignIn.id)).all()
    token = csrf_token(reader.get("/index").text)
    post(reader, "/logout", form="/index")
    sign_in(reader, owner)

    assert token
    assert len(before) == session.scalar(select(func.count(SignIn.id))) == 1


def test_a_disabled_account_is_out_at_once_and_can_not_come_back(app, client, session):
    user = make_user(session)
    sign_in(client, user)
    program = {"Authorization": f"Bearer {make_token(session, user)}"}

    user.disabled_at = now()
    session.commit()

    assert client.get("/index").status_code == 302
    assert app.test_client().get("/api/v1/models", headers=program).status_code == 401
    assert post(app.test_client(), "/login", {"email": user.email, "password": PASSWORD}).status_code == 422


def test_rows_of_sign_ins_that_are_over_are_swept_away(app, session, owner, monkeypatch, settings):
    for _ in range(2):
        sign_in(app.test_client(), owner)
    session.execute(update(SignIn).where(SignIn.id == 1).values(seen_at=now() - timedelta(days=1)))
    session.commit()

    with app.app_context():
        jobs.sweep()

    assert session.scalars(select(SignIn.id)).all() == [2]


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Windows"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Linux"),
        ("curl/8", "An unknown browser"),
        ("<script>" * 100, "An unknown browser"),
    ],
)
def test_a_sign_in_is_recognised_by_its_browser_in_plain_words(app, session, owner, header, words):
    client = app.test_client()
    client.environ_base["HTTP_USER_AGENT"] = header
    sign_in(client, owner)

    assert session.scalars(select(SignIn.browser)).one() == words


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
    answer = post(client, "/login", {"email": make_user(session).email, "password": PASSWORD})

    headers = answer.headers.getlist("Set-Cookie")
    assert {header.partition("=")[0] for header in headers} == {"lentigo", "lentigo-known"}
    for header in headers:
        assert "HttpOnly" in header
        assert "SameSite=Lax" in header
        assert "Path=/" in header
        assert "Domain" not in header
        assert "Secure" not in header


def test_the_cookie_is_bound_to_https_and_this_host_where_there_is_https(tmp_path, classifiers):
    app = create_app(Settings(environment="testing", instance=tmp_path, https=True), classifiers)

    header = app.test_client().get("/login", base_url="https://localhost").headers["Set-Cookie"]

    with app.app_context():
        db.engine.dispose()
    assert header.startswith("__Host-lentigo=")
    assert "Secure" in header
    assert "Path=/" in header
    assert "Domain" not in header
