"""Examples of what is sent and answered, made of the examples of the members."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]
DEPTH = 16
OF_TYPES: Mapping[str, Any] = {"string": "text", "integer": 1, "number": 0.5, "boolean": False, "null": None}
OF_FORMATS = {"date-time": "2026-03-14T09:26:53Z", "date": "2026-03-14", "uri": "https://lentigo.clinic.example/"}


def example_of(schema: Schema, schemas: Mapping[str, Schema], depth: int = 0) -> Any:
    """Return an example of a schema; `schemas` are those that it may refer to, by name."""
    if "examples" in schema:
        return schema["examples"][0]
    for key in ("const", "default"):
        if schema.get(key) is not None:
            return schema[key]
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rsplit("/", 1)[1]], schemas, depth + 1)
    if alternatives := [each for each in schema.get("anyOf", ()) if each.get("type") != "null"]:
        return example_of(alternatives[0], schemas, depth + 1)
    if "enum" in schema:
        return schema["enum"][0]
    return _of_type(schema, schemas, depth)


def _of_type(schema: Schema, schemas: Mapping[str, Schema], depth: int) -> Any:
    kind = schema.get("type", "null")
    if kind == "object":
        return _of_object(schema, schemas, depth)
    if kind == "array":
        return [] if depth > DEPTH else [example_of(schema.get("items", {}), schemas, depth + 1)]
    return OF_FORMATS.get(schema.get("format", ""), OF_TYPES[kind])


def _of_object(schema: Schema, schemas: Mapping[str, Schema], depth: int) -> dict[str, Any]:
    if depth > DEPTH:
        return {}
    members = schema.get("properties", {})
    return {name: example_of(member, schemas, depth + 1) for name, member in members.items()}
