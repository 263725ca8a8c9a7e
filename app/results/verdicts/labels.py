"""What a verdict can say: the classes of HAM10000, what is none of them, and that it can't be told."""

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


def is_malignant(code: str | None) -> bool | None:
    """Return the side of a verdict; None where there is none, or where it could not be told."""
    label = VERDICTS.get(code or "")
    return None if label is None else label.malignant
