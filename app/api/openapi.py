"""The OpenAPI 3.1 description of the API, made of the operations themselves: what is not there can't be described."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from inspect import cleandoc
from typing import Any, Literal

from flask import Flask, current_app
from pydantic.json_schema import models_json_schema
from werkzeug.routing import Rule

from app.api.examples import example_of
from app.api.links import add_links
from app.api.meanings import ABOUT, MEANINGS
from app.api.operation import JSON, Operation, operation_of
from app.api.parameters import KEY, REFERENCE, form, query, reference, variable
from app.api.schemas import Answer, ProblemDetails, Sent
from app.api.tokens.scopes import SCOPES
from app.clock import now

VERSION = "1.0.0"  # of the API, not of Lentigo
PROBLEM = "application/problem+json"
KEPT = "openapi"
TOO_LONG = 414  # not ours: see `meanings`


@dataclass(frozen=True, slots=True)
class Described:
    """An operation, where it is, and with which method; `text` is what its docstring says."""

    address: str
    method: str
    endpoint: str
    text: str
    variables: tuple[str, ...]
    operation: Operation

    @property
    def tag(self) -> str:
        """The resource that it belongs to."""
        return self.address.removeprefix("/api/v1/").split("/", 1)[0].removesuffix(".json")


def operations_in(app: Flask) -> list[Described]:
    """Return all operations of an application, in the order of their addresses."""
    found = [described for rule in app.url_map.iter_rules() for described in _of_rule(app, rule)]
    return sorted(found, key=lambda each: (each.address, each.method))


def current_description() -> dict[str, Any]:
    """Return the OpenAPI document of this application, made once a day: there are days in it. Nobody changes it."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # of the proxy
    today = now().date()
    kept: tuple[date, dict[str, Any]] | None = app.extensions.get(KEPT)
    if kept is None or kept[0] != today:
        kept = app.extensions[KEPT] = (today, _document(app))
    return kept[1]


def _document(app: Flask) -> dict[str, Any]:
    operations = operations_in(app)
    schemas = _schemas(operations)
    paths: dict[str, dict[str, Any]] = {}
    for described in operations:
        paths.setdefault(described.address, {})[described.method] = _written(described)
    _show_examples(paths, schemas)
    add_links(paths, [(each.address, each.method) for each in operations if each.operation.makes])
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Lentigo",
            "version": VERSION,
            "description": ABOUT.strip(),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in dict.fromkeys(described.tag for described in operations)],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An access token, made on the page “Access tokens”. "
                    + " ".join(f"{words}." for words in SCOPES.values()),
                }
            },
        },
    }


def _show_examples(paths: Mapping[str, Mapping[str, Any]], schemas: Mapping[str, Any]) -> None:
    """Put an example beside every schema of JSON that is sent or answered."""
    for methods in paths.values():
        for written in methods.values():
            for part in (written.get("requestBody", {}), *written["responses"].values()):
                content = part.get("content", {}).get(JSON)
                if content is not None:
                    content["example"] = example_of(content["schema"], schemas)


def _of_rule(app: Flask, rule: Rule) -> Iterator[Described]:
    view = app.view_functions[rule.endpoint]
    operation = operation_of(view)
    if operation is None:
        return
    address = re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule.rule)
    for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
        yield Described(
            address,
            method.lower(),
            rule.endpoint,
            cleandoc(view.__doc__ or ""),
            tuple(sorted(rule.arguments)),
            operation,
        )


def _schemas(operations: list[Described]) -> dict[str, Any]:
    """Return the schemas by name; those of what is sent and of what is answered never share one."""
    wanted: list[tuple[type[Sent | Answer], Literal["validation", "serialization"]]] = [
        (ProblemDetails, "serialization")
    ]
    for described in operations:
        operation = described.operation
        wanted += [(model, "validation") for model in (operation.body,) if model is not None]
        wanted += [(model, "serialization") for model in operation.answers.values() if isinstance(model, type)]
    _, definitions = models_json_schema(list(dict.fromkeys(wanted)), ref_template=REFERENCE)
    schemas: dict[str, Any] = definitions.get("$defs", {})
    return schemas


def _written(described: Described) -> dict[str, Any]:
    operation = described.operation
    written: dict[str, Any] = {
        "tags": [described.tag],
        "operationId": described.endpoint.replace(".", "_"),
        "summary": operation.summary,
        "description": described.text,
        "responses": _responses(described),
        "security": [] if operation.scope is None else [{"token": []}],
    }
    if operation.scope is not None:
        written["x-scope"] = operation.scope
    if parameters := [*map(variable, described.variables), *query(operation), *([KEY] if operation.makes else [])]:
        written["parameters"] = parameters
    if operation.body is not None:
        written["requestBody"] = {"required": True, "content": {JSON: {"schema": reference(operation.body)}}}
    if operation.takes_form:
        written["requestBody"] = {"required": True, "content": {"multipart/form-data": form(operation)}}
    return written


def _written_in(media_type: str) -> dict[str, str]:
    """Describe content that has no schema of ours."""
    json = media_type == JSON or media_type.endswith("+json")
    return {"type": "object"} if json else {"type": "string", "format": "binary"}


def _responses(described: Described) -> dict[str, Any]:
    operation = described.operation
    found: dict[int, dict[str, Any]] = {}
    for status, content in operation.answers.items():
        found[status] = {"description": MEANINGS.get(status, "Done.")}
        if isinstance(content, str):
            found[status]["content"] = {content: {"schema": _written_in(content)}}
        elif content is not None:
            found[status]["content"] = {JSON: {"schema": reference(content)}}
        if operation.makes:
            found[status]["headers"] = {
                "Location": {"description": "Where what was made is.", "schema": {"type": "string"}}
            }
    for status in operation.refusals(with_variables=bool(described.variables)):
        found[status] = {"description": MEANINGS[status]}
        if status != TOO_LONG:
            found[status]["content"] = {PROBLEM: {"schema": reference(ProblemDetails)}}
    return {str(status): found[status] for status in sorted(found)}
