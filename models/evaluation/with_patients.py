"""What is gained where the patient's age, sex and body site are weighed in, too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from models.card import Card
from models.evaluation import bootstrap
from models.evaluation.metrics import measure
from models.evaluation.predictions import Predictions
from models.evaluation.ranking import Floats
from models.evaluation.sample import Sample
from models.patient import Evidence, Patient
from models.serving import softmax

SHOWN = (
    "accuracy",
    "balanced_accuracy",
    "macro_auc",
    "malignant_auc",
    "specificity_at_95_sensitivity",
    "ece",
)
LEAST = 1e-12  # that a probability counts as, before its logarithm is taken


def with_patients(card: Card, predictions: Predictions, patients: Mapping[str, Patient]) -> dict[str, Any] | None:
    """Return the facts that were weighed in, and the figures of `SHOWN` with their intervals.

    Photographs of which nothing is known count as they are. None if the classifier has learned nothing of patients,
    if nothing is known of these, or if its classes were folded.
    """
    evidence = Evidence.of(card.patient)
    known = [patients.get(photograph.image_id, Patient()) for photograph in predictions.photographs]
    if evidence is None or predictions.task is not card.task:
        return None
    facts = sorted({fact for patient in known for fact in evidence.found(patient)})
    if not facts:
        return None
    weighed = replace(predictions, probabilities=weigh(evidence, predictions.probabilities, known))
    found = bootstrap.intervals(weighed.sample, weighed.lesions, _figures)
    shown = {name: None if figure is None else asdict(figure) for name, figure in found.items()}
    return {"n": len(weighed), "lesions": len(set(weighed.lesions)), "facts": facts, **shown}


def weigh(evidence: Evidence, probabilities: Floats, patients: list[Patient]) -> Floats:
    """Return probabilities (n, classes) of photographs once the facts of their patients (n,) are weighed in."""
    nothing = (0.0,) * probabilities.shape[1]
    shifts = np.array([evidence.shift(patient) or nothing for patient in patients])
    return softmax(np.log(np.maximum(probabilities, LEAST)), 1.0, shifts)


def _figures(sample: Sample) -> dict[str, Floats]:
    overall = measure(sample).overall
    return {name: overall[name] for name in SHOWN}
