"""How often a classifier refuses a picture: of another thing, as it should, or of a lesion."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from models.prediction import Prediction

NOT_LESIONS = "not-lesions"


def refusal_rate(answers: Iterable[Prediction]) -> dict[str, Any]:
    """Return n, the share of pictures that were not accepted, and how often there was cause for caution, by reason."""
    reasons: Counter[str] = Counter()
    pictures = refused = 0
    for answer in answers:
        pictures += 1
        refused += not answer.accepted
        reasons.update(answer.reasons)
    return {"n": pictures, "rate": refused / pictures, "reasons": dict(sorted(reasons.items()))}


def pictures_of_other_things(data: Path) -> list[Path]:
    """Return the pictures of a folder ``not-lesions`` in the data folder or beside it, if there is one."""
    for folder in (data / NOT_LESIONS, data.parent / NOT_LESIONS):
        if folder.is_dir():
            return sorted(folder.glob("*.jpg"))
    return []
