"""The controls of a card as tables: without the lesion, under other views, and of pictures to be refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from app.classifiers.grid import Cell, Grid, count, figure, present_in
from app.classifiers.wording import OF_GROUP, OF_VIEW, PAINTED, REFUSED, share, spoken


def controls(found: Mapping[str, Any]) -> tuple[Grid, ...]:
    """Return a table for each kind of control that was measured."""
    return tuple(grid for kind in (_painted, _views, _refused) for grid in kind(found))


def _painted(found: Mapping[str, Any]) -> Iterator[Grid]:
    shown = {title: found[name] for name, title in PAINTED.items() if name in found}
    if shown:
        names = present_in(OF_GROUP, shown.values())
        rows = tuple(
            (Cell(title), count("n", of), *(figure(name, of) for name in names)) for title, of in shown.items()
        )
        note = "What is reached although the lesion can't be seen: the nearer to chance, the less the background tells."
        yield Grid("Without the lesion", ("Shown", "Photographs", *names.values()), rows, note)


def _views(found: Mapping[str, Any]) -> Iterator[Grid]:
    rate = found.get("flip_rate")
    if not rate:
        return
    columns = {title: rate[key] for key, title in OF_VIEW.items() if key in rate}
    rows = tuple(
        (Cell(spoken(view)), *(Cell(share(by_view[view])) for by_view in columns.values())) for view in rate["by_view"]
    )
    side = f", and the side (malignant or benign) in {share(rate['side_changes'])}" if "side_changes" in rate else ""
    note = (
        f"In {share(rate['class_changes'])} of {rate['lesions']:,} lesions the most likely class changed in at least "
        f"one of these views{side}."
    )
    yield Grid("Does the answer hold?", ("View", *columns), rows, note)


def _refused(found: Mapping[str, Any]) -> Iterator[Grid]:
    rows = tuple(
        (Cell(title), count("n", of), Cell(share(of["rate"])))
        for name, title in REFUSED.items()
        if (of := found.get(name))
    )
    if rows:
        yield Grid("Not accepted", ("Photographs", "Number", "Not accepted"), rows)
