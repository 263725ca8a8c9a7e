"""How often a classifier refuses a picture: of another thing, as it should, or of a lesion."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image
from tqdm import tqdm

from models.evaluation.predictions import Measurable
from models.photograph import upright_rgb

NOT_LESIONS = "not-lesions"


def refusal_rate(classifier: Measurable, paths: Sequence[Path], title: str) -> dict[str, Any]:
    """Classify picture files as the product does; return n, the share refused, and how often for what."""
    reasons: Counter[str] = Counter()
    refused = 0
    for path in tqdm(paths, desc=title, unit="photograph"):
        with Image.open(path) as image:
            prediction = classifier.predict(upright_rgb(image))
        refused += not prediction.accepted
        reasons.update(prediction.reasons)
    return {"n": len(paths), "rate": refused / len(paths), "reasons": dict(sorted(reasons.items()))}


def pictures_of_other_things(data: Path) -> list[Path]:
    """Return the pictures of a folder ``not-lesions`` in the data folder or beside it, if there is one."""
    for folder in (data / NOT_LESIONS, data.parent / NOT_LESIONS):
        if folder.is_dir():
            return sorted(folder.glob("*.jpg"))
    return []
