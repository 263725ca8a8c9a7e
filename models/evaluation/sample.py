"""Labelled answers, and how often each counts: what every figure of merit is computed from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.evaluation.ranking import Floats
from models.labels import Task


@dataclass(frozen=True, slots=True)
class Sample:
    """Labels (n,), probabilities (n, classes), and weights (b, n): how often each photograph counts."""

    task: Task
    labels: npt.NDArray[np.int64]
    probabilities: Floats
    weights: Floats

    @classmethod
    def whole(cls, task: Task, labels: npt.NDArray[np.int64], probabilities: Floats) -> Sample:
        """Return the sample in which every photograph counts once."""
        return cls(task, labels, probabilities, np.ones((1, len(labels))))

    @property
    def malignant(self) -> npt.NDArray[np.bool_]:
        """Which photographs show a malignant lesion, (n,)."""
        return np.isin(self.labels, self.task.malignant_indices)

    @property
    def malignancy(self) -> Floats:
        """Summed probability of the malignant classes, (n,)."""
        total: Floats = self.probabilities[:, list(self.task.malignant_indices)].sum(axis=1)
        return np.minimum(total, 1.0)

    @property
    def predicted(self) -> npt.NDArray[np.int64]:
        """The most probable class, (n,)."""
        top: npt.NDArray[np.int64] = self.probabilities.argmax(axis=1)
        return top
