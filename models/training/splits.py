"""Which photograph belongs to training, validation and test: read from the CSV files in ``splits/``.

A split is named (``ham7-grouped``), or is the path of a CSV file of the same form.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).with_name("splits")


@dataclass(frozen=True, slots=True)
class Photograph:
    """A labelled photograph of a data set; `lesion_id` groups photographs of one lesion."""

    image_id: str
    lesion_id: str
    label: str
    part: str


def _read(split: str) -> list[Photograph]:
    path = Path(split) if split.endswith(".csv") else FOLDER / f"{split}.csv"
    with path.open(newline="") as file:
        return [Photograph(**row) for row in csv.DictReader(file)]


def for_training(split: str) -> tuple[list[Photograph], list[Photograph]]:
    """Return the training and the validation photographs of a split, never a test photograph."""
    photographs = _read(split)
    train = [p for p in photographs if p.part == "train"]
    validation = [p for p in photographs if p.part == "validation"]
    return train, validation


def for_testing(split: str) -> list[Photograph]:
    """Return the test photographs of a split; only `models.evaluation` may ask for them."""
    return [p for p in _read(split) if p.part == "test"]
