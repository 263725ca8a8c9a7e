import re

import pytest

from app.extensions import db
from app.factory import create_app
from config import Settings
from tests.factories import make_user, sign_in

PAGES = ["/", "/login", "/register", "/no_such_page", "/previous_tests", "/static/css/lentigo.css"]


def directives(response):
    parts = (part.split() for part in response.headers["Content-Security-Policy"].split(";"))
    return {name: set(sources) for name, *sources in parts}


@pytest.fixture
def over_https(tmp_path, classifiers):
    app = create_app(Settings(environment="testing", instance=tmp_path, https=True), classifiers)
    yield app.test_client()
    with app.app_context():
        db.engine.dispose()


@pytest.mark.parametrize("page", PAGES)
def test_every_answer_is_protected(client, page):
    with client.get(page) as response:
        headers = response.headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=(self)" in headers["Permissions-Policy"]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_may_load_nothing_but_what_is_listed(client, page):
    with client.get(page) as response:
        policy = directives(response)

    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == {"'none'"}
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == {"'self'"}
    assert policy["form-action"] == policy["font-src"] == policy["manifest-src"] == {"'self'"}
    assert policy["img-src"] == {"'self'", "blob:", "data:"}


def test_no_page_needs_what_the_policy_forbids(client, session):
    pages = [client.get(page).text for page in ("/", "/login", "/register", "/no_such_page")]
    sign_in(client, make_user(session))
    pages += [client.get(page).text for page in ("/index", "/prediction", "/previous_tests")]

    for page in pages:
        assert not re.search(r"<[^>]+\sstyle=|<style|\son[a-z]+=|javascript:", page)
        assert all("src=" in tag for tag in re.findall(r"<script\b[^>]*>", page))
        assert not re.search(r"""(?:src|action)=["']?(?:https?:)?//""", page)


@pytest.mark.parametrize("page", ["/index", "/previous_tests", "/prediction", "/no_such_page"])
def test_no_page_of_a_person_is_kept_anywhere(client, session, page):
    sign_in(client, make_user(session))

    assert client.get(page).headers["Cache-Control"] == "no-store"


def test_not_even_a_page_that_would_like_to_be_kept(app, client, session):
    app.add_url_rule("/kept", "kept", lambda: ("a patient", {"Cache-Control": "public, max-age=600"}))
    sign_in(client, make_user(session))

    assert client.get("/kept").headers["Cache-Control"] == "no-store"


def test_styles_and_scripts_are_kept_under_an_address_that_changes_with_them(client):
    address = re.search(r'href="(/static/css/lentigo\.css\?v=[0-9a-f]+)"', client.get("/login").text)

    with client.get(address[1]) as response:
        assert "immutable" in response.headers["Cache-Control"]


def test_a_static_file_without_version_is_asked_for_again(client):
    with client.get("/static/css/lentigo.css") as response:
        assert response.headers["Cache-Control"] == "no-cache"


def test_fonts_are_kept_for_a_while(client):
    with client.get("/static/vendor/inter/inter-latin-wght-normal.woff2") as response:
        assert response.headers["Cache-Control"] == "public, max-age=604800"


def test_a_missing_static_file_is_not_kept(client):
    assert "immutable" not in client.get("/static/css/none.css?v=1").headers.get("Cache-Control", "")


def test_browsers_are_told_to_stay_with_https_where_there_is_https(client, over_https):
    without = client.get("/login")
    with_https = over_https.get("/login", base_url="https://lentigo.example")

    assert "Strict-Transport-Security" not in without.headers
    assert with_https.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_a_feature_may_tighten_the_policy_of_its_answer(app, client, session):
    app.add_url_rule("/file", "file", lambda: ("", {"Content-Security-Policy": "default-src 'none'; sandbox"}))
    sign_in(client, make_user(session))

    assert client.get("/file").headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
