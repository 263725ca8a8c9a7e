"""What a classifier answers for a set of photographs, and the CSV file that keeps it."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
from PIL import Image
from tqdm import tqdm

from models.card import Card
from models.evaluation.ranking import Flags, Floats
from models.evaluation.sample import Sample
from models.labels import Task
from models.photograph import upright_rgb
from models.prediction import Classifier, Prediction
from models.training.data import index_images
from models.training.splits import Photograph

BATCH = 64
DIGITS = 5  # of a kept probability
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

    @classmethod
    def of(cls, task: Task, photographs: Sequence[Photograph], probabilities: Floats) -> Predictions:
        """Put labelled photographs and what was answered for them together."""
        labels = np.array([task.codes.index(photograph.label) for photograph in photographs], dtype=np.int64)
        return cls(task, tuple(photographs), labels, probabilities)

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

    def first_of_each_lesion(self) -> Flags:
        """Return which photographs (n,) are the first of their lesion by image id."""
        order = sorted(range(len(self)), key=lambda i: self.photographs[i].image_id)
        first = {self.lesions[i]: i for i in reversed(order)}
        return np.isin(np.arange(len(self)), list(first.values()))


def predict_squares(classifier: Measurable, pixels: Pixels, title: str) -> Floats:
    """Return the calibrated probabilities (n, classes) of squares (n, px, px, 3), with a progress bar."""
    parts = []
    with tqdm(total=len(pixels), desc=title, unit="photograph") as bar:
        for start in range(0, len(pixels), BATCH):
            batch = pixels[start : start + BATCH]
            parts.append(classifier.probabilities(classifier.logits(batch)))
            bar.update(len(batch))
    return np.concatenate(parts)


def predict_files(classifier: Classifier, paths: Sequence[Path], title: str) -> Iterator[Prediction]:
    """Classify picture files as the product does, in their order, with a progress bar."""

    def predict(path: Path) -> Prediction:
        with Image.open(path) as image:
            return classifier.predict(upright_rgb(image))

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from tqdm(pool.map(predict, paths), total=len(paths), desc=title, unit="photograph")


def predict_photographs(
    classifier: Classifier, photographs: Sequence[Photograph], data: Path, title: str
) -> tuple[Predictions, list[Prediction]]:
    """Classify labelled photographs as the product does; return the probabilities, and each answer in full.

    FileNotFoundError names the first photograph that is not below `data`.
    """
    index = index_images(data)
    paths = [index[photograph.image_id] for photograph in photographs]
    answers = list(predict_files(classifier, paths, title))
    probabilities = np.array([list(answer.probabilities.values()) for answer in answers], dtype=np.float64)
    return Predictions.of(classifier.task, photographs, probabilities), answers


def write_csv(path: Path, predictions: Predictions, digits: int | None = None) -> None:
    """Write one line per photograph: ids, label, and the probability of each class, unrounded or to some digits."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["image_id", "lesion_id", "label", *predictions.task.codes])
        for photograph, row in zip(predictions.photographs, predictions.probabilities.tolist(), strict=True):
            shares = row if digits is None else [f"{share:.{digits}f}" for share in row]
            writer.writerow([photograph.image_id, photograph.lesion_id, photograph.label, *shares])


def read_csv(path: Path, task: Task, part: str = "test") -> Predictions:
    """Read what `write_csv` wrote."""
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    photographs = [Photograph(row["image_id"], row["lesion_id"], row["label"], part) for row in rows]
    return Predictions.of(task, photographs, np.array([[float(row[code]) for code in task.codes] for row in rows]))
