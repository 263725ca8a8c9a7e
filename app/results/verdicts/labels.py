"""What a verdict can say: the classes of HAM10000, what is none of them, that it can't be told; and how it is known."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from app.inference import TASKS, Label

UNCERTAIN = "uncertain"

VERDICTS: Mapping[str, Label] = MappingProxyType(
    {
        label.code: label
        for label in (
            *TASKS["ham7"].labels,
            Label("other_benign", "Something else, benign", malignant=False),
            Label("other_malignant", "Something else, malignant", malignant=True),
        )
    }
)

# the order in which a clinician is asked: what is seen most often first
BENIGN = ("nv", "bkl", "df", "vasc", "other_benign")
MALIGNANT = ("mel", "bcc", "akiec", "other_malignant")

# how a diagnosis was confirmed
BASES: Mapping[str, str] = MappingProxyType(
    {"histology": "Histology", "follow_up": "Follow-up", "consensus": "Consensus of experts"}
)


def is_malignant(code: str | None) -> bool | None:
    """Return the side of a verdict; None where there is none, or where it could not be told."""
    label = VERDICTS.get(code or "")
    return None if label is None else label.malignant


def name_of(code: str) -> str:
    """Return what a clinician reads for a verdict's code."""
    return "Uncertain" if code == UNCERTAIN else VERDICTS[code].name
