"""``python -m models sweep``: the hyper-parameter grid of the ResNet-50 source, one training for each of its cells.

Every cell has its own folder: a finished one is not trained again, an unfinished one goes on from its checkpoint.
"""

from __future__ import annotations

import gc
import itertools
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from models.card import CardError, read_card
from models.labels import Task, task_of
from models.training import splits
from models.training.splits import Photograph
from models.training.sweep_table import Outcome, to_markdown

DROPOUTS = (0.4, 0.5, 0.6)
BATCHES = (16, 32, 64)
SHARES = (70, 80)  # percent of all photographs that are for training
SPLIT = "ham7-random"
TABLE = "sweep.md"
RECORD = "sweep.json"


class SweepError(ValueError):
    """What was asked for can't be swept; the message says why."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One combination of the grid; `share` is the training share in percent."""

    dropout: float
    batch: int
    share: int

    @property
    def folder(self) -> str:
        """Name of the folder of its run."""
        return f"dropout-{self.dropout}_batch-{self.batch}_train-{self.share}"


@dataclass(frozen=True, slots=True)
class Sweep:
    """What all cells have in common: the classifier, and how it is trained."""

    name: str
    recipe: str = "source"
    split: str = SPLIT
    init: Path | None = None
    epochs: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {**asdict(self), "init": None if self.init is None else self.init.name}


Train = Callable[[Sweep, Cell, Path, Path, Path], object]  # sweep, cell, split file, photographs, folder of the run


def grid(dropouts: Sequence[float], batches: Sequence[int], shares: Sequence[int]) -> list[Cell]:
    """Return the cells in the order in which they are trained; SweepError if there is no such training share."""
    if unknown := set(shares) - set(SHARES):
        raise SweepError(f"a training share is {SHARES[0]} or {SHARES[1]} percent, not {min(unknown)}")
    return [Cell(*values) for values in itertools.product(dropouts, batches, shares)]


def deal(split: str, task: Task) -> dict[int, list[Photograph]]:
    """Deal a split of 70 : 15 : 15 for each training share; no test photograph is among them.

    For 80 percent, two thirds of the validation part, drawn by class with seed 0, move to training. The rest of it is
    for validation with either share, so that all cells are measured on the same photographs; with 70 percent, those
    two thirds are left out. Errors as `splits.for_training` raises them.
    """
    train, validation = splits.for_training(split, task)
    moved: set[Photograph] = set()
    for code in task.codes:
        members = [p for p in validation if p.label == code]
        random.Random(0).shuffle(members)  # noqa: S311 - a draw to be repeated, no secret
        moved.update(members[: round(len(members) * 2 / 3)])
    kept = [p for p in validation if p not in moved]
    return {70: train + kept, 80: [*train, *(replace(p, part="train") for p in validation if p in moved), *kept]}


def run(
    sweep: Sweep, cells: Sequence[Cell], data: Path, out: Path, *, train: Train, tell: Callable[[str], None]
) -> list[Outcome]:
    """Train what is not finished yet, cell by cell; keep table and figures in `out` up to date.

    SweepError if `out` holds another sweep; otherwise errors as `deal` and the trainer raise them.
    """
    dealt = deal(sweep.split, task_of(sweep.name))
    _claim(out, sweep)
    files = {share: out / f"{Path(sweep.split).stem}-train-{share}.csv" for share in dealt}
    for share, file in files.items():
        file.write_text(splits.to_csv(dealt[share]))
    measured = sum(p.part == "validation" for p in dealt[SHARES[0]])
    outcomes: list[Outcome] = []
    for number, cell in enumerate(cells, start=1):
        folder = out / cell.folder
        if _is_finished(folder / sweep.name):
            tell(f"{number}/{len(cells)} {cell.folder}: finished before")
        else:
            tell(f"{number}/{len(cells)} {cell.folder}")
            train(sweep, cell, files[cell.share], data, folder)
        outcomes.append(outcome(cell, folder / sweep.name))
        _write(out, sweep, outcomes, measured)
    return outcomes


def outcome(cell: Cell, folder: Path) -> Outcome:
    """Read the validation figures of a trained cell from its card: those of the epoch whose weights were kept."""
    training = read_card(folder).training
    curve = [entry for entry in training["history"] if "validation_accuracy" in entry]
    kept = max(curve, key=lambda entry: entry["validation_accuracy"]) if training["keep_best"] else curve[-1]
    return Outcome(
        dropout=cell.dropout,
        batch=cell.batch,
        share=cell.share,
        epoch=int(kept["epoch"]),
        accuracy=float(kept["validation_accuracy"]),
        balanced_accuracy=float(kept["validation_balanced_accuracy"]),
    )


def train_cell(sweep: Sweep, cell: Cell, split: Path, data: Path, folder: Path) -> None:
    """Train one cell, or go on with it."""
    import keras  # noqa: PLC0415 - seconds to import

    from models.training.command import train  # noqa: PLC0415 - as slow to import

    train(
        sweep.name,
        data,
        folder,
        recipe=sweep.recipe,
        split=str(split),
        init=sweep.init,
        epochs=sweep.epochs,
        resume=True,
        changes={"dropout": cell.dropout, "batch": cell.batch, "validate_every": 1},
    )
    keras.utils.clear_session()  # or eighteen networks are kept
    gc.collect()


def _is_finished(folder: Path) -> bool:
    try:
        read_card(folder)
    except CardError:  # not written yet, or only half of it
        return False
    return True


def _claim(out: Path, sweep: Sweep) -> None:
    """Take a folder for a sweep; its cells must not be mixed with those of another."""
    out.mkdir(parents=True, exist_ok=True)
    record = out / RECORD
    if not record.exists():
        _write(out, sweep, [], 0)
    elif json.loads(record.read_text())["sweep"] != sweep.to_dict():
        raise SweepError(f"{out} holds a sweep with other settings ({RECORD}): name another folder")


def _write(out: Path, sweep: Sweep, outcomes: Sequence[Outcome], measured: int) -> None:
    record = {"sweep": sweep.to_dict(), "validation_photographs": measured, "cells": [asdict(o) for o in outcomes]}
    (out / RECORD).write_text(json.dumps(record, indent=1) + "\n")
    (out / TABLE).write_text(to_markdown(sweep.name, outcomes, measured))
