"""What a classifier answers: plain values, free of NumPy, that can cross into any program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from models.labels import Task
from models.patient import Patient

if TYPE_CHECKING:
    from PIL import Image


@dataclass(frozen=True, slots=True)
class Frame:
    """A square of a photograph, in pixels from its upper left corner."""

    left: int
    top: int
    side: int

    @classmethod
    def centred(cls, width: int, height: int) -> Frame:
        """Return the largest centred square."""
        side = min(width, height)
        return cls((width - side) // 2, (height - side) // 2, side)


@dataclass(frozen=True, slots=True)
class SimilarCase:
    """A photograph that the network learned from and that looks alike to it.

    `similarity` is the cosine of the two embeddings, at most 1; `confirmed_by` says how the diagnosis `label` was
    made, in the words of HAM10000: histo, follow_up, consensus or confocal.
    """

    image_id: str
    lesion_id: str
    label: str
    confirmed_by: str
    similarity: float


@dataclass(frozen=True, slots=True)
class Prediction:
    """The answer for one photograph.

    `probabilities` has every class of the task, in its order, and sums to 1; `malignancy` is the sum over the
    malignant ones. `reasons` holds codes of `models.quality.REASONS` where the picture gives cause for caution;
    `accepted` is False where the answer must not be relied on at all. `heatmap` is the class activation map of
    `label`, square, in [0, 1]. `views_changed` counts the views, of `views` flipped, turned and slightly lighter
    or darker ones, that alone would have been called another class; 0 of 0 where that was not looked at. `similar`
    holds the most similar lesions first; empty where the classifier has no index of them. `with_patient` are the
    probabilities once the patient's age, sex and body site are weighed in; None where none was given that counts, or
    where the classifier has learned nothing of them. `threshold` is the malignancy from which the classifier
    alerts, its operating point for a sensitivity of 95 %; None if it has none.
    """

    model: str
    version: str
    label: str
    probabilities: Mapping[str, float]
    malignancy: float
    accepted: bool
    reasons: tuple[str, ...]
    heatmap: tuple[tuple[float, ...], ...]
    views: int = 0
    views_changed: int = 0
    similar: tuple[SimilarCase, ...] = ()
    with_patient: Mapping[str, float] | None = None
    threshold: float | None = None


class Classifier(Protocol):
    """A network that is ready to answer."""

    name: str
    version: str
    task: Task

    def predict(
        self, photograph: Image.Image, frame: Frame | None = None, patient: Patient | None = None
    ) -> Prediction:
        """Classify the framed square of an upright RGB photograph; without a frame, the centred one.

        What is known of the patient changes nothing but `with_patient`.
        """
