"""The OpenAPI 3.1 description of the API, made of the operations themselves: what is not there can't be described."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from inspect import cleandoc
from typing import Any, Literal

from flask import Flask
from pydantic.json_schema import models_json_schema
from werkzeug.routing import Rule

from app.api.examples import example_of
from app.api.operation import JSON, Operation, operation_of
from app.api.reading import FilePart
from app.api.schemas import Answer, ProblemDetails, Sent
from app.api.tokens.scopes import SCOPES

VERSION = "1.0.0"  # of the API, not of Lentigo
PROBLEM = "application/problem+json"
REFERENCE = "#/components/schemas/{model}"
ABOUT = """
Lentigo for other programs: photographs of pigmented skin lesions go in, the classifier's answer comes out, with
what is kept of patients, lesions and tests. Decision support, not a diagnosis; research software, no medical device.

Errors are problem details (RFC 9457). Operations that make something take an `Idempotency-Key`: the same request sent
again with the same key within a day makes nothing twice.
"""
MEANINGS = {
    200: "Done.",
    201: "Made.",
    202: "Accepted: the work goes on.",
    204: "Done; there is nothing to answer.",
    400: "The body can't be read at all.",
    401: "There is no valid token.",
    403: "The token's scope is not enough, or the answer is hidden until you have entered your own assessment.",
    404: "There is no such thing, or it is not yours.",
    409: "Not possible in the present state, or the same request is being worked on.",
    413: "The photograph, or the request, is too large.",
    415: "The content is of a kind that is not taken.",
    422: "Something that was sent can't be read or used; `errors` or `detail` says what.",
    429: "The token was used too often; `Retry-After` says when to go on.",
    500: "Something is wrong with what is stored; nothing was changed.",
    503: "The classifier or the database can't be reached now; `Retry-After` may say when to try again.",
}
KEY: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "1 to 255 printable characters that stand for this request, such as a random UUID.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    "example": "8e03978e-40d5-43e8-bc93-6894a57f9324",
}
PUBLIC_ID = {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"}
EXAMPLE_ID = "q3vX0bE2T4mW8sYc1aZk5g"


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


def description_of(app: Flask) -> dict[str, Any]:
    """Return the OpenAPI document of an application."""
    operations = operations_in(app)
    schemas = _schemas(operations)
    paths: dict[str, dict[str, Any]] = {}
    for described in operations:
        paths.setdefault(described.address, {})[described.method] = _written(described)
    _show_examples(paths, schemas)
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
    if parameters := [*map(_variable, described.variables), *_query(operation), *([KEY] if operation.makes else [])]:
        written["parameters"] = parameters
    if operation.body is not None:
        written["requestBody"] = {"required": True, "content": {JSON: {"schema": _reference(operation.body)}}}
    if operation.form is not None:
        written["requestBody"] = {"required": True, "content": {"multipart/form-data": _form(operation)}}
    return written


def _variable(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": PUBLIC_ID, "example": EXAMPLE_ID}


def _query(operation: Operation) -> Iterator[dict[str, Any]]:
    if operation.query is None:
        return
    schema = operation.query.model_json_schema(ref_template=REFERENCE)
    for name, member in _inlined(schema).items():
        described = member.pop("description", "")
        yield {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", ()),
            "description": described,
            "schema": member,
        }


def _form(operation: Operation) -> dict[str, Any]:
    schema = operation.form.model_json_schema(ref_template=REFERENCE) if operation.form else {}
    members = {**{name: _file(part) for name, part in operation.files.items()}, **_inlined(schema)}
    required = [name for name, part in operation.files.items() if part.required] + schema.get("required", [])
    return {"schema": {"type": "object", "properties": members, "required": required, "additionalProperties": False}}


def _file(part: FilePart) -> dict[str, Any]:
    content = {"type": "string", "format": "binary", "contentMediaType": "application/octet-stream"}
    if not part.many:
        return {**content, "description": part.description}
    return {"type": "array", "items": content, "description": part.description, "minItems": 1 if part.required else 0}


def _inlined(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members of a flat schema; None as an alternative means "leave it out" and is not written."""
    definitions = schema.get("$defs", {})
    members = {}
    for name, member in schema.get("properties", {}).items():
        kept = {key: value for key, value in member.items() if key not in ("title", "anyOf", "$ref")}
        if "$ref" in member:
            kept |= definitions[member["$ref"].rsplit("/", 1)[1]]
        for alternative in member.get("anyOf", ()):
            if alternative.get("type") != "null":
                kept |= definitions[alternative["$ref"].rsplit("/", 1)[1]] if "$ref" in alternative else alternative
        if kept.get("default", ...) is None:
            del kept["default"]
        members[name] = kept
    return members


def _responses(described: Described) -> dict[str, Any]:
    operation = described.operation
    found: dict[int, dict[str, Any]] = {}
    for status, content in operation.answers.items():
        found[status] = {"description": MEANINGS.get(status, "Done.")}
        if isinstance(content, str):
            found[status]["content"] = {content: {"schema": {"type": "string", "format": "binary"}}}
        elif content is not None:
            found[status]["content"] = {JSON: {"schema": _reference(content)}}
        if operation.makes and status < 300:  # noqa: PLR2004 - successes
            found[status]["headers"] = {
                "Location": {"description": "Where what was made is.", "schema": {"type": "string"}}
            }
    for status in operation.refusals(with_variables=bool(described.variables)):
        found[status] = {
            "description": MEANINGS[status],
            "content": {PROBLEM: {"schema": _reference(ProblemDetails)}},
        }
    return {str(status): found[status] for status in sorted(found)}


def _reference(model: type[Sent | Answer]) -> dict[str, str]:
    name = model.__name__.replace("[", "_").replace("]", "_")
    return {"$ref": REFERENCE.format(model=name)}
