"""What a card says of one split: on what was measured, whether it flatters, and the figures as tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.classifiers.controls import controls
from app.classifiers.drawings import Reliability, Roc, reliability, roc
from app.classifiers.grid import Cell, Grid, count, figure, present_in
from app.classifiers.with_patient import with_patient
from app.classifiers.wording import AT_POINT, ATTRIBUTES, OF_CLASS, OF_GROUP, OVERALL, aim, share, where
from app.inference import TASKS, Card, Task
from app.results.wording import SPACE

SHADES = 5


@dataclass(frozen=True, slots=True)
class Confusion:
    """A confusion matrix; a cell is a count and how dark it is drawn, 0 to 5, by its share of the true class."""

    codes: tuple[str, ...]
    rows: tuple[tuple[str, tuple[tuple[int, int], ...]], ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """One split: `about` says on what was measured, `leak` why the figures flatter, None if they don't."""

    split: str
    place: str
    about: str
    leak: str | None
    tables: tuple[Grid, ...]
    with_patient: Grid | None
    subgroups: tuple[Grid, ...]
    controls: tuple[Grid, ...]
    confusion: Confusion | None
    roc: Roc | None
    reliability: Reliability | None
    provenance: tuple[tuple[str, str], ...]


def own_figures(card: Card) -> Mapping[str, Any]:
    """Return the figures on the split that a classifier was trained for; empty if it was not measured."""
    found: Mapping[str, Any] = card.metrics.get(str(card.training.get("split")), {})
    return found


def measured(card: Card, split: str) -> Measured:
    """Put the figures on one split together; whatever is not on the card is left out."""
    found = card.metrics[split]
    task = TASKS.get(str(found.get("task")), card.task)
    return Measured(
        split=split,
        place=where(split),
        about=_about(found),
        leak=leak(found),
        tables=tuple(_tables(task, found)),
        with_patient=with_patient(found),
        subgroups=tuple(_subgroups(found)),
        controls=controls(found.get("controls") or {}),
        confusion=_confusion(task, found),
        roc=roc(found),
        reliability=reliability(found),
        provenance=tuple(_provenance(found)),
    )


def leak_in_short(found: Mapping[str, Any]) -> str | None:
    """Say that lesions of the test were seen in training; None if none was, or nothing was measured."""
    known = found.get("lesions_learned_from")
    if not found or known == 0:
        return None
    return "Overlap with training not recorded" if known is None else "Overlaps with training: too high"


def leak(found: Mapping[str, Any]) -> str | None:
    """Say that lesions of the test were seen in training, or may have been; None if none was."""
    known = found.get("lesions_learned_from")
    if known is None:
        return "Whether training saw the tested lesions too is not recorded: these figures may flatter."
    if known == 0:
        return None
    return f"Training saw {known:,} of the tested lesions too: these figures flatter, and are here for comparison only."


def _about(found: Mapping[str, Any]) -> str:
    n, lesions = found.get("n"), found.get("lesions")
    of = "" if lesions is None else f" of {lesions:,} lesions"
    photographs = "Test photographs" if n is None else f"{n:,} test photographs"
    return f"{photographs}{of}. Beneath each figure stands its 95{SPACE}% interval."


def _tables(task: Task, found: Mapping[str, Any]) -> Iterator[Grid]:
    overall = tuple((Cell(title), figure(name, found)) for name, title in OVERALL.items() if name in found)
    yield Grid("All photographs", ("Figure", "Value"), overall)
    if classes := found.get("per_class"):
        yield _by_class(task, classes)
    if points := found.get("operating_points"):
        yield _operating_points(points)


def _by_class(task: Task, classes: Mapping[str, Any]) -> Grid:
    names = present_in(OF_CLASS, classes.values())
    rows = tuple(
        (Cell(label.name, label.code), count("n", found), *(figure(name, found) for name in names))
        for label in task.labels
        if (found := classes.get(label.code)) is not None
    )
    return Grid("By class", ("Class", "Photographs", *names.values()), rows)


def _operating_points(points: Mapping[str, Any]) -> Grid:
    names = present_in(AT_POINT, points.values())
    rows = tuple(
        (Cell(aim(point)), Cell(share(found["threshold"])), *(figure(name, found) for name in names))
        for point, found in points.items()
    )
    note = (
        "Each threshold on malignancy was chosen on validation photographs, for what its row aims at; the figures "
        "are those of the test."
    )
    return Grid("Operating points", ("Aimed at", "Threshold", *names.values()), rows, note)


def _subgroups(found: Mapping[str, Any]) -> Iterator[Grid]:
    for attribute, groups in (found.get("subgroups") or {}).items():
        names = present_in(OF_GROUP, groups.values())
        rows = tuple(
            (Cell(_group(attribute, group)), count("lesions", of), *(figure(name, of) for name in names))
            for group, of in groups.items()
        )
        yield Grid(
            f"By {ATTRIBUTES.get(attribute, attribute).lower()}",
            (ATTRIBUTES.get(attribute, attribute), "Lesions", *names.values()),
            rows,
        )


def _group(attribute: str, group: str) -> str:
    unit = " px" if attribute == "native_px" and group.isdigit() else ""
    return f"{group[:1].upper()}{group[1:]}{unit}"


def _confusion(task: Task, found: Mapping[str, Any]) -> Confusion | None:
    counts = found.get("confusion")
    if not counts:
        return None
    rows = tuple((label.code, _shaded(row)) for label, row in zip(task.labels, counts, strict=True))
    return Confusion(task.codes, rows)


def _shaded(row: list[int]) -> tuple[tuple[int, int], ...]:
    total = sum(row) or 1
    return tuple((number, -(-number * SHADES // total)) for number in row)


def _provenance(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if found.get("network_sha256"):
        yield "Network measured (SHA-256)", found["network_sha256"]
    if found.get("data_sha256"):
        yield "Photographs (SHA-256 over ids and files)", found["data_sha256"]
    if drawn := found.get("bootstrap"):
        yield "Intervals", f"{drawn['resamples']:,} bootstrap resamples over {drawn['over']}, seed {drawn['seed']}"
