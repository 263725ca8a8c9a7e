"""The figures of a card once age, sex and body site are weighed in, beside those of the photograph alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.classifiers.grid import Cell, Grid, count, figure
from app.classifiers.wording import OVERALL
from app.inference import FACTS as ORDER
from app.results.wording import FACTS, enumerated

SHOWN = (
    "accuracy", "balanced_accuracy", "macro_auc", "malignant_auc", "specificity_at_95_sensitivity", "ece",
)  # fmt: skip


def with_patient(found: Mapping[str, Any]) -> Grid | None:
    """Put the figures with the patient's facts beside the others of a split; None if they were not measured."""
    weighed = found.get("with_patient")
    if not weighed:
        return None
    facts = enumerated([FACTS[fact] for fact in ORDER if fact in weighed["facts"]])
    rows = tuple((Cell(OVERALL[name]), figure(name, found), figure(name, weighed)) for name in SHOWN if name in weighed)
    photographs, lesions = count("n", weighed).text, count("lesions", weighed).text
    note = (
        f"{photographs} photographs of {lesions} lesions, with {facts} as far as on record. How much these weigh was "
        "learned from photographs of the same collection: patients elsewhere differ. The answer that is shown first, "
        "and its settings, are those of the photograph alone."
    )
    return Grid(f"With the patient's {facts}", ("Figure", "Photograph alone", f"With {facts}"), rows, note)
