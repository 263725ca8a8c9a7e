"""Where one operation leads to others: what it has made can be shown, changed, deleted under its id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

ID = "$response.body#/id"
MADE = "201"


def add_links(paths: Mapping[str, Mapping[str, Any]], makers: Sequence[tuple[str, str]]) -> None:
    """Write links into the answers of the operations that make things with an id, given by address and method."""
    for address, method in makers:
        collection = address.rsplit("/", 1)[1]
        links = {name: _link(name) for name in _about(paths, f"/api/v1/{collection}/{{public_id}}")}
        if links:
            paths[address][method]["responses"][MADE]["links"] = links


def _about(paths: Mapping[str, Mapping[str, Any]], one: str) -> Iterator[str]:
    """Yield the names of the operations on one thing of a collection, and on what belongs to it alone."""
    for address, methods in paths.items():
        if (address == one or address.startswith(f"{one}/")) and address.count("{") == 1:
            yield from (written["operationId"] for written in methods.values())


def _link(name: str) -> dict[str, Any]:
    return {"operationId": name, "parameters": {"public_id": ID}}
