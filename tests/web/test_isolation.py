"""What a browser is made to ask by a page of another site."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

LINK = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
THROUGH_THE_WORKER = {**LINK, "Sec-Fetch-Dest": "empty"}  # as Chromium sends it without navigation preload
PICTURE = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}
SCRIPT = {**PICTURE, "Sec-Fetch-Dest": "script"}
FRAME = {**LINK, "Sec-Fetch-Dest": "iframe"}
NEIGHBOUR = {**PICTURE, "Sec-Fetch-Site": "same-site"}


@pytest.mark.parametrize("asked", [PICTURE, SCRIPT, FRAME, NEIGHBOUR], ids=["picture", "script", "frame", "neighbour"])
@pytest.mark.parametrize("path", ["/index", "/waiting/session", "/login", "/static/icons/favicon.svg", "/none"])
def test_another_site_can_embed_nothing(reader: FlaskClient, asked: dict[str, str], path: str) -> None:
    response = reader.get(path, headers=asked)

    assert response.status_code == 403
    assert "Another site has asked for this" in response.text


@pytest.mark.parametrize("link", [LINK, THROUGH_THE_WORKER], ids=["link", "through the service worker"])
def test_another_site_may_lead_to_a_page(reader: FlaskClient, link: dict[str, str]) -> None:
    assert reader.get("/index", headers=link).status_code == 200


def test_another_site_changes_nothing_not_even_with_the_token_of_the_form(reader: FlaskClient) -> None:
    token = reader.get("/waiting/session").json["csrf_token"]

    response = reader.post("/logout", data={"csrf_token": token}, headers=LINK)

    assert response.status_code == 403
    assert reader.get("/index").status_code == 200


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_our_own_pages_and_typed_addresses_ask_for_anything(reader: FlaskClient, site: str) -> None:
    asked = {**PICTURE, "Sec-Fetch-Site": site}

    assert reader.get("/waiting/session", headers=asked).status_code == 200


def test_a_program_of_another_site_is_refused_even_with_a_token(client: FlaskClient) -> None:
    response = client.get("/api/v1/me", headers={**PICTURE, "Sec-Fetch-Mode": "cors", "Authorization": "Bearer a"})

    assert response.status_code == 403
    assert response.mimetype == "application/problem+json"
    assert "Access-Control-Allow-Origin" not in response.headers
