"""How the networks of a classifier learned, epoch by epoch, as drawings: 300 by 180 units, and a table behind them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from app.classifiers.axes import Axis, Tick
from app.classifiers.grid import Cell, Grid
from app.classifiers.wording import ORDINALS, share
from app.inference import Card
from app.results.wording import SPACE

WIDTH, HEIGHT = 300, 180  # units; the template draws axes and words around them
PERCENT = 100
LOSS = "loss"
MEASURED: Mapping[str, str] = MappingProxyType(
    {"validation_accuracy": "Accuracy", "validation_balanced_accuracy": "Balanced accuracy"}
)

History = Sequence[Mapping[str, Any]]
Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Curve:
    """One quantity over the epochs as an SVG polyline; `stages` is where larger photographs came in."""

    about: str
    axis: str
    line: str
    points: tuple[tuple[float, float], ...]
    across: tuple[Tick, ...]
    down: tuple[Tick, ...]
    stages: tuple[Tick, ...]


@dataclass(frozen=True, slots=True)
class Learning:
    """The curves of one network, and the numbers."""

    title: str
    curves: tuple[Curve, ...]
    table: Grid


def learning(card: Card) -> tuple[Learning, ...]:
    """Draw the history of each network that the card has one of."""
    networks = [card.training, *card.training.get("further_members", ())]
    titles = ["Learning curve"] if len(networks) == 1 else [f"Learning curve of the {nth} network" for nth in ORDINALS]
    drawn = (_learning(title, network.get("history") or ()) for title, network in zip(titles, networks, strict=False))
    return tuple(one for one in drawn if one.curves)


def _learning(title: str, history: History) -> Learning:
    history = [{"epoch": number, **row} for number, row in enumerate(history, start=1)]
    return Learning(title, tuple(_curves(history)), _table(title, history))


def _curves(history: History) -> Iterator[Curve]:
    if loss := _series(history, LOSS):
        yield _curve("Loss in training, by epoch", "Loss", history, loss, least=0)
    if accuracy := [(epoch, value * PERCENT) for epoch, value in _series(history, "validation_accuracy")]:
        yield _curve("Accuracy on validation photographs, by epoch", "Accuracy, %", history, accuracy)


def _curve(about: str, axis: str, history: History, points: Points, least: float = math.inf) -> Curve:
    epochs, values = [float(row["epoch"]) for row in history], [value for _, value in points]
    across = Axis.over(min(epochs), max(epochs), WIDTH)
    up = Axis.up(min(*values, least), max(values), HEIGHT)
    placed = tuple((across.at(epoch), up.at(value)) for epoch, value in points)
    return Curve(
        about=about,
        axis=axis,
        line=" ".join(f"{x},{y}" for x, y in placed),
        points=placed,
        across=across.ticks,
        down=up.ticks,
        stages=tuple(Tick(across.at(epoch), text) for epoch, text in _stages(history)),
    )


def _series(history: History, name: str) -> list[tuple[float, float]]:
    """Return epoch and value wherever it was measured."""
    found = ((float(row["epoch"]), row.get(name)) for row in history)
    return [(epoch, float(value)) for epoch, value in found if value is not None and math.isfinite(value)]


def _stages(history: History) -> Iterator[tuple[float, str]]:
    """Give the epochs from which photographs were larger or smaller than before, and how large."""
    for before, row in pairwise(history):
        if "px" in row and before.get("px") != row["px"]:
            yield float(row["epoch"]), f"{row['px']} px"


def _table(title: str, history: History) -> Grid:
    shown = {name: words for name, words in MEASURED.items() if any(row.get(name) is not None for row in history)}
    rows = tuple(
        (Cell(str(row["epoch"])), _px(row), _loss(row), *(_share(row.get(name)) for name in shown)) for row in history
    )
    return Grid(title, ("Epoch", "Photograph", "Loss", *(f"{words}, validation" for words in shown.values())), rows)


def _px(row: Mapping[str, Any]) -> Cell:
    return Cell(f"{row['px']}{SPACE}px" if "px" in row else "")


def _loss(row: Mapping[str, Any]) -> Cell:
    return Cell("" if row.get(LOSS) is None else f"{row[LOSS]:.3f}")


def _share(value: float | None) -> Cell:
    return Cell("" if value is None else share(value))
