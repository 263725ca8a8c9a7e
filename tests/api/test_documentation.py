"""The description of the API: valid OpenAPI, whole, with examples that fit, and a page for people."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from app.api.documentation import kinds
from app.api.openapi import JSON, operations_in
from tests.api.conftest import Program


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/api/v1/openapi.json").json
    return found


def operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [written for methods in document["paths"].values() for written in methods.values()]


def test_it_is_valid_openapi_3_1(document: dict[str, Any]) -> None:
    validate(document)

    assert document["openapi"].startswith("3.1")


def test_every_address_of_the_api_is_described(app: Flask, document: dict[str, Any]) -> None:
    addresses = {
        re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule.rule)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/")
    }

    assert set(document["paths"]) == addresses


def test_every_operation_says_what_it_does_and_for_whom(app: Flask) -> None:
    for described in operations_in(app):
        assert described.text, described.endpoint
        assert described.operation.summary, described.endpoint


def test_names_of_operations_are_unique(document: dict[str, Any]) -> None:
    names = [written["operationId"] for written in operations(document)]

    assert len(names) == len(set(names))


def test_every_example_fits_its_schema(document: dict[str, Any]) -> None:
    components = {"components": document["components"]}
    checked = 0

    for written in operations(document):
        for part in (written.get("requestBody", {}), *written["responses"].values()):
            content = part.get("content", {}).get(JSON, {})
            if "example" in content and "schema" in content:
                Draft202012Validator({**content["schema"], **components}).validate(content["example"])
                checked += 1

    assert checked


@pytest.mark.parametrize("address", ["/patients", "/patients/{public_id}/lesions", "/batches"])
def test_what_an_example_sends_is_taken(program: Program, document: dict[str, Any], address: str) -> None:
    patient = program.post("/patients", json={"name": "Ingrid"}).json["id"]
    body = document["paths"][f"/api/v1{address}"]["post"]["requestBody"]["content"][JSON]["example"]

    answer = program.post(address.format(public_id=patient), json=body)

    assert answer.status_code == 201, answer.text


def test_the_page_shows_every_operation_and_every_kind_of_error(client: FlaskClient, document: dict[str, Any]) -> None:
    html = client.get("/api/docs").text

    for written in operations(document):
        assert f'id="{written["operationId"]}"' in html
    for kind in kinds():
        assert f'id="{kind.name}"' in html


def test_what_was_made_leads_to_what_can_be_done_with_it(document: dict[str, Any]) -> None:
    made = document["paths"]["/api/v1/patients"]["post"]["responses"]["201"]

    names = {written["operationId"] for written in operations(document)}
    assert {"api_patients_show", "api_patients_erase", "api_lesions_new"} <= set(made["links"])
    assert set(made["links"]) <= names


def test_ids_on_the_page_are_unique(client: FlaskClient) -> None:
    found = re.findall(r'\bid="([^"]+)"', client.get("/api/docs").text)

    assert len(found) == len(set(found))


def test_kinds_of_errors_have_one_meaning_each() -> None:
    names = [kind.name for kind in kinds()]

    assert len(names) == len(set(names))
