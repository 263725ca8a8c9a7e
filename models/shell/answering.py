"""What the shell can ask: which classifiers there are, and what they see in photographs."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from PIL import Image

from models.card import Card, Interval
from models.labels import Task
from models.patient import Patient
from models.photograph import upright_rgb
from models.prediction import Classifier, Prediction
from models.registry import Registry

READERS = 2
BATCH = 16  # pictures that are answered before the first of the next is read
UNREADABLE = (OSError, SyntaxError, ValueError, Image.DecompressionBombError)  # what Pillow raises
SHOWN = ("accuracy", "balanced_accuracy", "macro_auc", "malignant_auc")


def list_classifiers(options: argparse.Namespace) -> int:
    """Print the classifiers with their held-out figures."""
    rows = [_summary(card, options.weights) for card in Registry(options.weights).cards()]
    if options.json:
        print(json.dumps(rows, indent=1))
        return 0
    for row in rows:
        figures = "  ".join(f"{name} {row['metrics'][name]['value']:.3f}" for name in SHOWN if name in row["metrics"])
        print(f"{row['name']:20} {row['task']:7} {row['version']:8} {row['megabytes']:6.1f} MB  {figures}")
    return 0


def _summary(card: Card, weights: Path) -> dict[str, Any]:
    size = sum(path.stat().st_size for path in (weights / card.name).glob("*.tflite"))
    found = {name: card.held_out(name) for name in SHOWN}
    return {
        "name": card.name,
        "title": card.title,
        "task": card.task.name,
        "classes": list(card.classes),
        "version": card.version,
        "parameters": card.parameters,
        "megabytes": round(size / 1e6, 1),
        "split": card.training.get("split"),
        "metrics": {name: _interval(figure) for name, figure in found.items() if figure is not None},
    }


def _interval(figure: Interval) -> dict[str, float]:
    return {"value": figure.value, "low": figure.low, "high": figure.high}


def predict(options: argparse.Namespace) -> int:
    """Print an answer for each photograph; 1 if one of them can't be read, KeyError if there is no such classifier."""
    registry = Registry(options.weights)
    if options.model not in registry:
        raise KeyError(f"there is no classifier {options.model}; see: python -m models list")
    classifier = registry[options.model]
    failed, patient = False, Patient(options.age, options.sex, options.site)
    for row in _answers(classifier, options.images, patient):
        failed |= "error" in row
        print(json.dumps(row) if options.json else _line(row), flush=True)
    return int(failed)


def _answers(classifier: Classifier, paths: Sequence[str], patient: Patient) -> Iterator[dict[str, Any]]:
    """Answer for pictures of a patient in their order; some are read while the network looks at another."""
    with ThreadPoolExecutor(READERS) as pool:
        for start in range(0, len(paths), BATCH):
            yield from pool.map(partial(_answer, classifier, patient), paths[start : start + BATCH])


def _answer(classifier: Classifier, patient: Patient, path: str) -> dict[str, Any]:
    try:
        with Image.open(path) as image:
            prediction = classifier.predict(upright_rgb(image), patient=patient)
    except UNREADABLE as error:
        return {"image": path, "error": str(error) or type(error).__name__}
    return {"image": path, **_fields(prediction), **_with_patient(prediction, classifier.task)}


def _fields(prediction: Prediction) -> dict[str, Any]:
    return {
        "model": prediction.model,
        "version": prediction.version,
        "label": prediction.label,
        "probabilities": dict(prediction.probabilities),
        "malignancy": prediction.malignancy,
        "accepted": prediction.accepted,
        "reasons": list(prediction.reasons),
    }


def _with_patient(prediction: Prediction, task: Task) -> dict[str, Any]:
    """Return what the answer becomes once the patient's facts are weighed in; nothing if none was."""
    shares = prediction.with_patient
    if shares is None:
        return {}
    label = max(task.codes, key=lambda code: shares[code])
    return {
        "with_patient": {"label": label, "probabilities": dict(shares), "malignancy": task.malignancy(shares)},
    }


def _line(row: dict[str, Any]) -> str:
    if "error" in row:
        return f"{row['image']}: can't be read: {row['error']}"
    remarks = f"  ({', '.join(row['reasons'])})" if row["reasons"] else ""
    weighed = f"  with the patient's facts: {_figures(row['with_patient'])}" if "with_patient" in row else ""
    return f"{row['image']}: {_figures(row)}{weighed}{remarks}"


def _figures(reading: dict[str, Any]) -> str:
    return (
        f"{reading['label']} {reading['probabilities'][reading['label']]:.3f}  malignancy {reading['malignancy']:.3f}"
    )
