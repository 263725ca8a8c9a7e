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
    hosts = ("lentigo.example",)
    app = create_app(Settings(environment="testing", instance=tmp_path, https=True, allowed_hosts=hosts), classifiers)
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
    assert headers["Cross-Origin-Embedder-Policy"] == "require-corp"
    assert headers["Origin-Agent-Cluster"] == "?1"
    assert headers["X-Frame-Options"] == "DENY"
    passkeys = "publickey-credentials-create=(self), publickey-credentials-get=(self)"
    assert (passkeys in headers["Permissions-Policy"]) == (page == "/login")
    assert set(re.findall(r"=(\S+?)(?:,|$)", headers["Permissions-Policy"].replace(passkeys, ""))) == {"()"}


@pytest.mark.parametrize("page", [page for page in PAGES if page not in ("/previous_tests", PAGES[-1])])
def test_a_page_may_load_nothing_but_what_is_listed(client, page):
    response = client.get(page)
    policy, nonces = directives(response), set(re.findall(r'<script nonce="([^"]+)"', response.text))

    assert len(nonces) == 1
    assert policy.pop("script-src") == {f"'nonce-{nonces.pop()}'"}
    assert policy.pop("require-trusted-types-for") == {"'script'"}
    assert policy.pop("trusted-types") == {"lentigo"}
    for name in ("default-src", "base-uri", "frame-ancestors"):
        assert policy.pop(name) == {"'none'"}
    assert set.union(*policy.values()) == {"'self'"}


def test_every_answer_has_a_nonce_of_its_own(client):
    nonces = {directives(client.get("/login"))["script-src"].pop() for _ in range(3)}

    assert len(nonces) == 3
    assert all(len(nonce) == len("'nonce-'") + 24 for nonce in nonces)


def test_what_is_no_page_may_load_nothing_and_opens_without_rights(client):
    for path in ("/static/icons/favicon.svg", "/healthz", "/manifest.webmanifest", "/api/v1/openapi.json"):
        with client.get(path) as response:
            policy = directives(response)

        assert policy["default-src"] == {"'none'"}
        assert policy["sandbox"] == set()
        assert "script-src" not in policy


def test_a_page_is_given_what_it_needs_and_no_other_page_is(app, client, session):
    sign_in(client, make_user(session))
    pages = {
        "/prediction": 200,
        "/offline/prediction": 200,
        "/waiting": 200,
        "/offline": 200,
        "/index": 200,
        "/none": 404,
    }

    answers = {page: client.get(page) for page in pages}

    assert {page: answer.status_code for page, answer in answers.items()} == pages
    with_camera = {page for page, answer in answers.items() if "camera=(self)" in answer.headers["Permissions-Policy"]}
    with_files = {page for page, answer in answers.items() if "blob:" in directives(answer)["img-src"]}
    assert with_camera == {"/prediction", "/offline/prediction"}
    assert with_files == {"/waiting", "/offline"}


def test_only_templates_write_scripts_that_run(app, client):
    from flask import render_template_string

    from app.security.gate import open_to_everyone

    page = open_to_everyone(
        lambda: render_template_string("<script src='a'></script>{{ said | safe }}", said="<script>")
    )
    app.add_url_rule("/page", "page", page)

    text = client.get("/page").text

    assert re.fullmatch(r"""<script nonce="[\w-]{24}" src='a'></script><script>""", text)


def test_signing_out_empties_the_browsers_caches_and_keeps_what_waits_on_the_device(client, session):
    sign_in(client, make_user(session))
    token = client.get("/waiting/session").json["csrf_token"]

    response = client.post("/logout", data={"csrf_token": token})

    assert response.headers["Clear-Site-Data"] == '"cache"'
    assert "Clear-Site-Data" not in client.get("/login").headers


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
    assert with_https.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_a_feature_may_tighten_the_policy_of_its_answer(app, client, session):
    app.add_url_rule("/file", "file", lambda: ("", {"Content-Security-Policy": "default-src 'none'; sandbox"}))
    sign_in(client, make_user(session))

    assert client.get("/file").headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


@pytest.mark.parametrize("page", ["/", "/login", "/static/css/lentigo.css", "/api/v1/health"])
def test_no_page_answers_trace(client, page):
    assert client.open(page, method="TRACE").status_code == 405
