"""Tables of figures as a page shows them: cells of text, and beneath a figure its 95 % interval."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.classifiers.wording import AREAS, share

NOT_MEASURED = "not measured"
NOT_DEFINED = "not defined"  # there was no photograph that the figure could be of


@dataclass(frozen=True, slots=True)
class Cell:
    """A text, and what stands smaller beneath it."""

    text: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table; the first cell of each row is its heading."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""


def figure(name: str, figures: Mapping[str, Any]) -> Cell:
    """Show a figure of the card: shares in percent, areas and scores as they are."""
    if name not in figures:
        return Cell(NOT_MEASURED)
    found = figures[name]
    if found is None:
        return Cell(NOT_DEFINED)
    if name in AREAS:
        return Cell(f"{found['value']:.3f}", f"{found['low']:.3f} to {found['high']:.3f}")
    return Cell(share(found["value"]), f"{found['low'] * 100:.1f} to {share(found['high'])}")


def count(name: str, figures: Mapping[str, Any]) -> Cell:
    """Show a number of photographs or lesions."""
    found = figures.get(name)
    return Cell(NOT_MEASURED) if found is None else Cell(f"{found:,}")


def present_in(names: Mapping[str, str], groups: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return those of the named figures that at least one group has."""
    known = [set(group) for group in groups]
    return {name: title for name, title in names.items() if any(name in group for group in known)}
