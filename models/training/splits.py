"""Which photograph belongs to training, validation and test: read from the CSV files in ``splits/``.

A split is named (``ham7-grouped``), or is the path of a CSV file of the same form.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from pathlib import Path

from models.labels import Task

FOLDER = Path(__file__).with_name("splits")
COLUMNS = ("image_id", "lesion_id", "label", "part")


class SplitError(ValueError):
    """A split doesn't fit the classifier or the folder that it is used with; the message says why."""


@dataclass(frozen=True, slots=True)
class Photograph:
    """A labelled photograph of a data set; `lesion_id` groups photographs of one lesion.

    `image_id` is the name of its file without suffix or, where names repeat, the end of its path
    (``train/benign/1``).
    """

    image_id: str
    lesion_id: str
    label: str
    part: str


def usual(task: Task) -> str:
    """Return the split that a task is trained and measured on unless another is asked for: grouped by lesion."""
    return f"{task.name}-grouped"


def for_training(split: str, task: Task | None = None) -> tuple[list[Photograph], list[Photograph]]:
    """Return the training and the validation photographs of a split, never a test photograph.

    SplitError if their labels are not classes of `task`; FileNotFoundError if there is no such split.
    """
    photographs = _read(split, task)
    train = [p for p in photographs if p.part == "train"]
    validation = [p for p in photographs if p.part == "validation"]
    return train, validation


def for_testing(split: str, task: Task | None = None) -> list[Photograph]:
    """Return the test photographs of a split; only `models.evaluation` may ask for them. Errors as above."""
    return [p for p in _read(split, task) if p.part == "test"]


def leak(split: str) -> int:
    """Count the lesions in the test part of a split that its training or validation part also shows."""
    photographs = _read(split, None)
    tested = {p.lesion_id for p in photographs if p.part == "test"}
    return len(tested & {p.lesion_id for p in photographs if p.part != "test"})


def to_csv(photographs: Iterable[Photograph]) -> str:
    """Return the text of a split file."""
    return "".join(f"{','.join(row)}\n" for row in (COLUMNS, *map(astuple, photographs)))


def _read(split: str, task: Task | None) -> list[Photograph]:
    path = Path(split) if split.endswith(".csv") else FOLDER / f"{split}.csv"
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in FOLDER.glob("*.csv")))
        raise FileNotFoundError(f"there is no split {split}; there are {known}, and paths of CSV files")
    with path.open(newline="") as file:
        photographs = [Photograph(**row) for row in csv.DictReader(file)]
    labels = {p.label for p in photographs}
    if task is not None and not labels <= set(task.codes):
        raise SplitError(
            f"{path.stem} is labelled {', '.join(sorted(labels))}: it is no split for a {task.name} classifier, "
            f"whose classes are {', '.join(task.codes)}"
        )
    return photographs
