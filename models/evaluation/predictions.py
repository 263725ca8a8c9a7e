"""What a classifier answers for a set of photographs, and the CSV file that keeps it."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from models.card import Card
from models.evaluation.metrics import Sample
from models.evaluation.ranking import Flags, Floats
from models.labels import Task
from models.prediction import Classifier
from models.training.splits import Photograph

BATCH = 16
Pixels = npt.NDArray[np.uint8]


class Measurable(Classifier, Protocol):
    """A classifier whose network can be asked directly, many squares at a time."""

    card: Card

    def logits(self, pixels: Pixels) -> npt.NDArray[np.float32]:
        """Return raw logits (n, classes) of squares (n, px, px, 3)."""

    def probabilities(self, logits: npt.NDArray[np.float32]) -> Floats:
        """Return calibrated probabilities (n, classes) of raw logits."""


@dataclass(frozen=True, slots=True)
class Predictions:
    """Photographs, their class indices `labels` (n,), and `probabilities` (n, classes)."""

    task: Task
    photographs: tuple[Photograph, ...]
    labels: npt.NDArray[np.int64]
    probabilities: Floats

    def __len__(self) -> int:
        return len(self.photographs)

    @property
    def lesions(self) -> tuple[str, ...]:
        """The lesion that each photograph shows."""
        return tuple(photograph.lesion_id for photograph in self.photographs)

    @property
    def sample(self) -> Sample:
        """The photographs as a sample in which each counts once."""
        return Sample.whole(self.task, self.labels, self.probabilities)

    def where(self, chosen: Flags) -> Predictions:
        """Return the chosen ones, `chosen` (n,)."""
        photographs = tuple(p for p, wanted in zip(self.photographs, chosen, strict=True) if wanted)
        return Predictions(self.task, photographs, self.labels[chosen], self.probabilities[chosen])


def predict_squares(classifier: Measurable, pixels: Pixels, title: str) -> Floats:
    """Return the calibrated probabilities (n, classes) of squares (n, px, px, 3), with a progress bar."""
    parts = []
    with tqdm(total=len(pixels), desc=title, unit="photograph") as bar:
        for start in range(0, len(pixels), BATCH):
            batch = pixels[start : start + BATCH]
            parts.append(classifier.probabilities(classifier.logits(batch)))
            bar.update(len(batch))
    return np.concatenate(parts)


def predict_photographs(
    classifier: Measurable, photographs: Sequence[Photograph], pixels: Pixels, title: str
) -> Predictions:
    """Classify labelled photographs, given as squares in the same order."""
    codes = classifier.task.codes
    labels = np.array([codes.index(p.label) for p in photographs], dtype=np.int64)
    probabilities = predict_squares(classifier, pixels, title)
    return Predictions(classifier.task, tuple(photographs), labels, probabilities)


def write_csv(path: Path, predictions: Predictions) -> None:
    """Write one line per photograph: ids, label, and the probability of each class, unrounded."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["image_id", "lesion_id", "label", *predictions.task.codes])
        for photograph, row in zip(predictions.photographs, predictions.probabilities.tolist(), strict=True):
            writer.writerow([photograph.image_id, photograph.lesion_id, photograph.label, *row])


def read_csv(path: Path, task: Task, part: str = "test") -> Predictions:
    """Read what `write_csv` wrote."""
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    photographs = tuple(Photograph(row["image_id"], row["lesion_id"], row["label"], part) for row in rows)
    labels = np.array([task.codes.index(p.label) for p in photographs], dtype=np.int64)
    probabilities = np.array([[float(row[code]) for code in task.codes] for row in rows])
    return Predictions(task, photographs, labels, probabilities)
