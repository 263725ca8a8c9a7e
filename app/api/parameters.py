"""How what an operation takes is written in OpenAPI: variables, queries, forms with files, bodies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from app.api.idempotency.repeating import KEY_PATTERN, LONGEST_KEY
from app.api.operation import Operation
from app.api.reading import FilePart
from app.api.schemas import Answer, Sent

REFERENCE = "#/components/schemas/{model}"
KEY: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "1 to 255 printable characters that stand for this request, such as a random UUID.",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": KEY_PATTERN},
}
PUBLIC_ID = {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"}
EXAMPLES = {"public_id": "q3vX0bE2T4mW8sYc1aZk5g", "name": "mobilenetv2-ham7", "number": "1"}  # of variables


def variable(name: str) -> dict[str, Any]:
    """Describe a variable of an address."""
    return {"name": name, "in": "path", "required": True, "schema": PUBLIC_ID, "example": EXAMPLES[name]}


def query(operation: Operation) -> Iterator[dict[str, Any]]:
    """Yield the parameters of a query."""
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


def form(operation: Operation) -> dict[str, Any]:
    """Describe a form with its files."""
    schema = operation.form.model_json_schema(ref_template=REFERENCE) if operation.form else {}
    members = {**{name: _file(part) for name, part in operation.files.items()}, **_inlined(schema)}
    required = [name for name, part in operation.files.items() if part.required] + schema.get("required", [])
    return {"schema": {"type": "object", "properties": members, "required": required, "additionalProperties": False}}


def _file(part: FilePart) -> dict[str, Any]:
    content = {"type": "string", "format": "binary"}
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


def reference(model: type[Sent | Answer]) -> dict[str, str]:
    """Refer to a schema by its name."""
    name = model.__name__.replace("[", "_").replace("]", "_")
    return {"$ref": REFERENCE.format(model=name)}
