"""The classes of each task: codes, display names, and which of them are malignant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Label:
    """One class: the code that files and figures use, the name a clinician reads, and its side."""

    code: str
    name: str
    malignant: bool


@dataclass(frozen=True, slots=True)
class Task:
    """An ordered set of classes; a network's output has one entry per class, in this order."""

    name: str
    labels: tuple[Label, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """Class codes in output order."""
        return tuple(label.code for label in self.labels)

    @property
    def malignant_indices(self) -> tuple[int, ...]:
        """Positions of the malignant classes in the output."""
        return tuple(i for i, label in enumerate(self.labels) if label.malignant)

    def malignancy(self, probabilities: Mapping[str, float]) -> float:
        """Return the summed probability of the malignant classes, in [0, 1]."""
        return min(1.0, sum(probabilities[label.code] for label in self.labels if label.malignant))


HAM7 = Task(
    "ham7",
    (
        Label("akiec", "Actinic keratosis or intraepithelial carcinoma", malignant=True),
        Label("bcc", "Basal cell carcinoma", malignant=True),
        Label("bkl", "Benign keratosis-like lesion", malignant=False),
        Label("df", "Dermatofibroma", malignant=False),
        Label("mel", "Melanoma", malignant=True),
        Label("nv", "Melanocytic nevus", malignant=False),
        Label("vasc", "Vascular lesion", malignant=False),
    ),
)

BINARY = Task(
    "binary",
    (Label("benign", "Benign", malignant=False), Label("malignant", "Malignant", malignant=True)),
)

TASKS = MappingProxyType({task.name: task for task in (HAM7, BINARY)})


def task_of(model_name: str) -> Task:
    """Return the task of a model called ``ARCHITECTURE-TASK``; KeyError if there is no such task."""
    return TASKS[model_name.rpartition("-")[2]]
