"""Put the figures together: what goes into ``metrics.json`` and, shorter, onto the card."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from models.card import NETWORK, Card, Interval, sha256
from models.evaluation import bootstrap
from models.evaluation.learned import lesions_learned_from
from models.evaluation.metrics import confusion, decide, measure
from models.evaluation.predictions import Predictions
from models.evaluation.ranking import Floats
from models.evaluation.sample import Sample
from models.evaluation.subgroups import Attributes, divide
from models.known_ground import CELL, UNKNOWN
from models.training import splits
from models.training.data import index_images

CORE = ("accuracy", "balanced_accuracy", "macro_auc", "malignant_auc")
DIGITS = 5
PATIENT = ("age", "sex", "site")


def provenance(card: Card, split: str, predictions: Predictions, data: Path) -> dict[str, Any]:
    """Return what a figure must carry to be checked: data, split, network, seeds."""
    return {
        "split": Path(split).stem,
        "task": predictions.task.name,
        "n": len(predictions),
        "lesions": len(set(predictions.lesions)),
        "lesions_learned_from": lesions_learned_from(card, split, predictions.photographs),
        "left_out": len(splits.for_testing(split)) - len(predictions),
        "data_sha256": data_hash(predictions, data),
        "network_sha256": card.files.get(NETWORK),
        "version": card.version,
        "pretrained": card.training.get("pretrained"),
        "seed": card.training.get("seed"),
        "bootstrap": {"over": "lesions", "resamples": bootstrap.RESAMPLES, "seed": bootstrap.SEED},
    }


def data_hash(predictions: Predictions, data: Path) -> str:
    """Return the SHA-256 over the sorted image ids and the SHA-256 of each photograph's file."""
    paths, whole = index_images(data), hashlib.sha256()
    for image_id in sorted(photograph.image_id for photograph in predictions.photographs):
        whole.update(f"{image_id} {sha256(paths[image_id].read_bytes())}\n".encode())
    return whole.hexdigest()


def full_figures(predictions: Predictions) -> dict[str, Any]:
    """Return every figure with its interval, overall and by class, and the confusion matrix."""
    sample = predictions.sample
    overall, per_class = bootstrap.all_intervals(sample, predictions.lesions)
    counts = confusion(sample)[0].astype(int)
    occurring = zip(per_class.items(), counts.sum(axis=1).tolist(), strict=True)
    classes = {code: {"n": count, **_plain(figures)} for (code, figures), count in occurring}
    return {**_plain(overall), "per_class": classes, "confusion": counts.tolist()}


def core_figures(predictions: Predictions, thresholds: Mapping[str, float]) -> dict[str, Any]:
    """Return n, the core figures, and those at the ``sensitivity_95`` threshold if there is one."""
    figures = partial(_core, threshold=thresholds.get("sensitivity_95"))
    found = bootstrap.intervals(predictions.sample, predictions.lesions, figures)
    return {"n": len(predictions), "lesions": len(set(predictions.lesions)), **_plain(found)}


def at_operating_points(predictions: Predictions, thresholds: Mapping[str, float]) -> dict[str, Any]:
    """Return what each threshold, chosen on validation, does here."""
    return {name: {"threshold": at, **_decision(predictions, at)} for name, at in thresholds.items()}


def by_subgroup(
    predictions: Predictions, attributes: Mapping[str, Attributes], thresholds: Mapping[str, float]
) -> dict[str, Any]:
    """Return the core figures by attribute and group."""
    return {
        attribute: {group: core_figures(members, thresholds) for group, members in groups.items()}
        for attribute, groups in divide(predictions, attributes).items()
    }


def lesions_by_patient(predictions: Predictions, attributes: Mapping[str, Attributes]) -> dict[str, int]:
    """Count the lesions by age band, sex and site together, for `models.known_ground`; empty if none is known."""
    first = predictions.where(predictions.first_of_each_lesion())
    known = [attributes.get(photograph.image_id, {}) for photograph in first.photographs]
    cells = Counter(CELL.join(found.get(name, UNKNOWN) for name in PATIENT) for found in known)
    return dict(sorted(cells.items())) if any(known) else {}


def rounded(value: Any) -> Any:
    """Return the same with every float to five decimals, for a card that people read."""
    if isinstance(value, dict):
        return {name: rounded(part) for name, part in value.items()}
    if isinstance(value, list):
        return [rounded(part) for part in value]
    return round(value, DIGITS) if isinstance(value, float) else value


def _core(sample: Sample, threshold: float | None) -> dict[str, Floats]:
    overall = measure(sample).overall
    chosen = {name: overall[name] for name in CORE}
    return chosen if threshold is None else chosen | decide(sample, threshold)


def _decision(predictions: Predictions, threshold: float) -> dict[str, Any]:
    figures = partial(decide, threshold=threshold)
    return _plain(bootstrap.intervals(predictions.sample, predictions.lesions, figures))


def _plain(found: Mapping[str, Interval | None]) -> dict[str, Any]:
    return {name: None if figure is None else asdict(figure) for name, figure in found.items()}
