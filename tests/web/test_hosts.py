"""Names that the site answers under, proxies that it believes, and plain HTTP where there is HTTPS."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, jsonify, request
from flask.testing import FlaskClient

from app.extensions import db
from app.factory import create_app
from app.security.gate import open_to_everyone
from app.security.headers import REFUSAL
from config import Settings
from tests.fakes import FakeClassifiers

SITE = "lentigo.clinic.example"
Site = Callable[..., FlaskClient]


@pytest.fixture
def site(settings: Settings, classifiers: FakeClassifiers) -> Iterator[Site]:
    """Make sites with settings of their own, each with a page that says who asks and where."""
    made: list[Flask] = []

    def with_settings(**changed: Any) -> FlaskClient:
        values = {"environment": "testing", "instance": settings.instance, **changed}
        app = create_app(Settings(**values), classifiers)
        seen = lambda: jsonify(request.remote_addr, request.url_root, request.is_secure)  # noqa: E731
        app.add_url_rule("/seen", "seen", open_to_everyone(seen), methods=["GET", "POST"])
        app.config["WTF_CSRF_ENABLED"] = False
        made.append(app)
        return app.test_client()

    yield with_settings
    for app in made:
        with app.app_context():
            db.engine.dispose()


@pytest.mark.parametrize("host", [SITE, SITE.upper(), f"{SITE}:8443", "127.0.0.1:8000", "[::1]:8000", "localhost"])
def test_it_answers_under_its_names(site: Site, host: str) -> None:
    client = site(allowed_hosts=SITE)

    assert client.get("/seen", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example", f"{SITE}.evil.example", f"evil.{SITE}", f"{SITE}@evil.example", f"{SITE}:80@evil.example",
        f"{SITE}, evil.example", f"{SITE} evil.example", f"{SITE}/evil", f"{SITE}:", f"{SITE}.", "", "[::2]", "*",
    ],
)  # fmt: skip
def test_it_answers_under_no_other_name(site: Site, host: str) -> None:
    client = site(allowed_hosts=SITE)

    response = client.get("/seen", headers={"Host": host})

    assert response.status_code == 400
    assert response.text.startswith("This site is not known under that name.")
    assert REFUSAL.items() <= dict(response.headers).items()
    assert "Set-Cookie" not in response.headers


def test_a_page_that_has_taken_this_machines_address_for_its_own_name_is_refused(client: FlaskClient) -> None:
    assert client.get("/login", headers={"Host": "rebound.evil.example:8000"}).status_code == 400


def test_the_name_in_the_public_address_is_one_of_the_sites(site: Site) -> None:
    client = site(public_address=f"https://{SITE}/lentigo", host="0.0.0.0")  # noqa: S104 - not listened on

    assert client.get("/seen", headers={"Host": SITE}).status_code == 200
    assert client.get("/seen", headers={"Host": "evil.example"}).status_code == 400


def test_on_a_network_where_nobody_has_named_it_a_local_site_answers_under_any_name(site: Site) -> None:
    client = site(host="0.0.0.0")  # noqa: S104 - not listened on

    assert client.get("/seen", headers={"Host": "ward-laptop:8000"}).status_code == 200


def test_probes_need_no_name(site: Site) -> None:
    client = site(allowed_hosts=SITE, https=True)

    assert client.get("/healthz", headers={"Host": "10.0.0.7:8000"}).status_code == 200


def test_who_asks_is_told_by_the_last_proxies_alone(site: Site) -> None:
    forged = {
        "X-Forwarded-For": "6.6.6.6, 203.0.113.9, 10.0.0.2",
        "X-Forwarded-Proto": "http, https, https",
        "X-Forwarded-Host": f"evil.example, {SITE}, {SITE}",
        "Host": SITE,
    }

    answers = [site(allowed_hosts=SITE, trusted_proxies=hops).get("/seen", headers=forged).json for hops in (0, 1, 2)]

    assert answers[0] == ["127.0.0.1", f"http://{SITE}/", False]
    assert answers[1] == ["10.0.0.2", f"https://{SITE}/", True]
    assert answers[2] == ["203.0.113.9", f"https://{SITE}/", True]


@pytest.mark.parametrize("hops", [0, 1])
def test_a_forwarded_name_is_none_of_the_sites_because_somebody_says_so(site: Site, hops: int) -> None:
    client = site(allowed_hosts=SITE, trusted_proxies=hops)

    response = client.get("/seen", headers={"Host": SITE, "X-Forwarded-Host": "evil.example"})

    assert response.status_code == (400 if hops else 200)
    assert "evil.example" not in response.text


def test_other_ways_to_name_a_proxy_are_not_believed(site: Site) -> None:
    headers = {
        "Host": SITE, "Forwarded": "for=6.6.6.6;host=evil.example;proto=https", "X-Real-IP": "6.6.6.6",
        "X-Forwarded-Prefix": "/evil", "X-Forwarded-Port": "666", "X-Original-URL": "/preferences",
    }  # fmt: skip

    answer = site(allowed_hosts=SITE, trusted_proxies=1).get("/seen", headers=headers)

    assert answer.json == ["127.0.0.1", f"http://{SITE}/", False]


def test_who_types_an_address_is_led_to_https(site: Site) -> None:
    client = site(allowed_hosts=SITE, https=True, trusted_proxies=1)

    response = client.get("/seen?q=M%C3%BCller", headers={"Host": SITE, "X-Forwarded-Proto": "http"})

    assert (response.status_code, response.location) == (308, f"https://{SITE}/seen?q=M%C3%BCller")
    assert response.headers["Strict-Transport-Security"].startswith("max-age=31536000")


@pytest.mark.parametrize(("method", "path"), [("POST", "/seen"), ("POST", "/login"), ("GET", "/api/v1/me")])
def test_forms_and_programs_are_not_led_on_but_refused(site: Site, method: str, path: str) -> None:
    client = site(allowed_hosts=SITE, https=True)

    response = client.open(path, method=method, base_url=f"http://{SITE}")

    assert response.status_code == 403
    assert "Location" not in response.headers


def test_what_comes_over_https_is_answered(site: Site) -> None:
    client = site(allowed_hosts=SITE, https=True, trusted_proxies=1)

    response = client.get("/seen", headers={"Host": SITE, "X-Forwarded-Proto": "https"})

    assert response.json == ["127.0.0.1", f"https://{SITE}/", True]
