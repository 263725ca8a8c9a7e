"""What is valid FHIR: its structure by the R4B models, the codes it requires, and references that lead somewhere.

The R4B models do not look at codes; their fields only list those that are allowed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fhir.resources.R4B.bundle import Bundle
from pydantic import BaseModel


def resources(bundle: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """Return the resources of a kind."""
    return [entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == kind]


def observations(bundle: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the observations by the words of their code."""
    return {found["code"]["text"]: found for found in resources(bundle, "Observation")}


def faults(bundle: dict[str, Any]) -> list[str]:
    """Return what is wrong with a bundle; ValidationError if its structure is not that of FHIR."""
    parsed = Bundle.model_validate(bundle)
    addresses = [entry["fullUrl"] for entry in bundle["entry"]]
    places = [entry["request"]["url"] for entry in bundle["entry"]]
    dangling = [link for link in _links(_told(bundle)) if link not in (*addresses, *places)]
    twice = [address for address in addresses if addresses.count(address) > 1]
    return [*_unknown_codes(parsed), *(f"{link} leads nowhere" for link in dangling), *twice]


def _told(bundle: dict[str, Any]) -> list[dict[str, Any]]:
    return [entry["resource"] for entry in bundle["entry"]]


def _links(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for name, value in node.items():
            if name in ("reference", "url") and isinstance(value, str):
                yield value
            yield from _links(value)
    elif isinstance(node, list):
        for item in node:
            yield from _links(item)


def _unknown_codes(model: BaseModel) -> Iterator[str]:
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        allowed = (field.json_schema_extra or {}).get("enum_values")
        if value is not None and allowed and value not in allowed:
            yield f"{type(model).__name__}.{name} is {value}"
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, BaseModel):
                yield from _unknown_codes(each)
