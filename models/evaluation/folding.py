"""Seven classes seen as two: a classifier and a test set of other classes meet as benign and malignant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from PIL import Image

from models.evaluation.predictions import Measurable, Pixels
from models.evaluation.ranking import Floats
from models.labels import BINARY, TASKS, Task
from models.patient import Patient
from models.prediction import Frame, Prediction
from models.training.splits import Photograph, SplitError

BENIGN, MALIGNANT = BINARY.codes


class Folded:
    """A classifier of which only the malignancy is asked."""

    task = BINARY

    def __init__(self, classifier: Measurable) -> None:
        self.card, self.name, self.version = classifier.card, classifier.name, classifier.version
        self._classifier = classifier

    def predict(
        self, photograph: Image.Image, frame: Frame | None = None, patient: Patient | None = None
    ) -> Prediction:
        """Classify, and answer benign or malignant."""
        found = self._classifier.predict(photograph, frame, patient)
        shares = _sides(found.malignancy)
        of_classes = found.with_patient
        weighed = None if of_classes is None else _sides(self._classifier.task.malignancy(of_classes))
        label = max(shares, key=lambda side: shares[side])
        return replace(found, label=label, probabilities=shares, with_patient=weighed)

    def logits(self, pixels: Pixels) -> npt.NDArray[np.float32]:
        """Return the raw logits of the classifier, of all its classes."""
        return self._classifier.logits(pixels)

    def probabilities(self, logits: npt.NDArray[np.float32]) -> Floats:
        """Return the probabilities (n, 2) of benign and malignant."""
        of_classes = self._classifier.probabilities(logits)
        malignant = np.minimum(of_classes[:, list(self._classifier.task.malignant_indices)].sum(axis=1), 1.0)
        return np.stack([1 - malignant, malignant], axis=1)


def common_ground(classifier: Measurable, photographs: Sequence[Photograph]) -> tuple[Measurable, list[Photograph]]:
    """Return both so that they name the same classes, folded to two where they don't.

    SplitError if the labels are those of no task.
    """
    task = task_of_labels(photographs)
    if task is classifier.task:
        return classifier, list(photographs)
    met = classifier if classifier.task is BINARY else Folded(classifier)
    return met, [replace(p, label=_side(p.label, task)) for p in photographs]


def task_of_labels(photographs: Sequence[Photograph]) -> Task:
    """Return the task whose classes the labels are."""
    labels = {photograph.label for photograph in photographs}
    for task in TASKS.values():
        if labels <= set(task.codes):
            return task
    raise SplitError(f"no task has the classes {', '.join(sorted(labels))}")


def _sides(malignancy: float) -> dict[str, float]:
    return {BENIGN: 1 - malignancy, MALIGNANT: malignancy}


def _side(code: str, task: Task) -> str:
    return MALIGNANT if task.codes.index(code) in task.malignant_indices else BENIGN
