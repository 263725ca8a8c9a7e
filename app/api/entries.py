"""The operations of the API as its page shows them, read out of the OpenAPI document."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.api.operation import JSON
from app.api.parameters import EXAMPLES

FORM = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that is sent: where, its name, its kind in words, and what it means."""

    place: str
    name: str
    kind: str
    required: bool
    text: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One operation as the page shows it; `curl` is a call of it, `answer` an example of what comes back."""

    id: str
    method: str
    address: str
    summary: str
    text: str
    scope: str | None
    fields: tuple[Field, ...]
    answers: tuple[tuple[str, str], ...]
    curl: str
    answer: str | None


def entries_of(document: Mapping[str, Any], tag: str) -> Iterator[Entry]:
    """Yield the operations of a resource, as an OpenAPI document describes them."""
    for address, methods in document["paths"].items():
        for method, written in methods.items():
            if tag in written["tags"]:
                yield _entry(document, address, method.upper(), written)


def _entry(document: Mapping[str, Any], address: str, method: str, written: Mapping[str, Any]) -> Entry:
    responses = written["responses"]
    success = next(iter(responses.values()))
    shown = success.get("content", {}).get(JSON, {}).get("example")
    return Entry(
        id=written["operationId"],
        method=method,
        address=address,
        summary=written["summary"],
        text=written["description"],
        scope=written.get("x-scope"),
        fields=tuple(_fields(document, written)),
        answers=tuple((status, response["description"]) for status, response in responses.items()),
        curl=_curl(address, method, written),
        answer=None if shown is None else json.dumps(shown, indent=2, ensure_ascii=False),
    )


def _fields(document: Mapping[str, Any], written: Mapping[str, Any]) -> Iterator[Field]:
    for each in written.get("parameters", ()):
        schema = each["schema"]
        yield Field(each["in"], each["name"], _kind(schema), each["required"], _text(each))
    for media, content in written.get("requestBody", {}).get("content", {}).items():
        schema = content["schema"]
        if "$ref" in schema:
            schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
        place = "form" if media == FORM else "JSON"
        for name, member in schema.get("properties", {}).items():
            yield Field(place, name, _kind(member), name in schema.get("required", ()), _text(member))


def _text(described: Mapping[str, Any]) -> str:
    return str(described.get("description", ""))


def _kind(schema: Mapping[str, Any]) -> str:
    """Say in words what a value may be."""
    if "enum" in schema or "const" in schema:
        return ", ".join(map(str, schema.get("enum") or [schema["const"]]))
    if "$ref" in schema:
        return str(schema["$ref"].rsplit("/", 1)[1])
    if alternatives := [each for each in schema.get("anyOf", ()) if each.get("type") != "null"]:
        return " or ".join(_kind(each) for each in alternatives)
    if schema.get("type") == "array":
        return f"list of: {_kind(schema.get('items', {}))}"
    return "file" if schema.get("format") == "binary" else f"{_type(schema)}{_span(schema)}"


def _type(schema: Mapping[str, Any]) -> str:
    return str(schema.get("format") or schema.get("type", "any"))


def _span(schema: Mapping[str, Any]) -> str:
    return f", {schema['minimum']} to {schema['maximum']}" if {"minimum", "maximum"} <= schema.keys() else ""


def _curl(address: str, method: str, written: Mapping[str, Any]) -> str:
    """Write a call as it is typed into a terminal."""
    path = address.format(**EXAMPLES)
    lines = ["curl" if method == "GET" else f"curl -X {method}"]
    if written.get("x-scope"):
        lines.append('-H "Authorization: Bearer $TOKEN"')
    for media, content in written.get("requestBody", {}).get("content", {}).items():
        lines += _form_options(content["schema"]) if media == FORM else _json_options(content)
    return " \\\n  ".join([*lines, f'"$LENTIGO{path}"'])


def _form_options(schema: Mapping[str, Any]) -> list[str]:
    files = {"image": "lesion.jpg", "files": "lesion.jpg"}
    return [f"-F {name}=@{files.get(name, 'file')}" for name in schema.get("required", ())]


def _json_options(content: Mapping[str, Any]) -> list[str]:
    written = shlex.quote(json.dumps(content.get("example"), ensure_ascii=False))
    return ['-H "Content-Type: application/json"', f"-d {written}"]
