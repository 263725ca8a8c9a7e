"""Photographs by age, sex, body site and resolution, to see whom the classifier serves worse."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from models.evaluation.predictions import Predictions
from models.known_ground import UNKNOWN, age_band
from models.training.tables import METADATA, rows_of

PROVENANCE = "provenance.csv"
TWINS = "ham_map.csv"  # which pictures of another data set are HAM10000's, and which of its

Attributes = Mapping[str, str]  # attribute, such as sex -> the group that a photograph belongs to


def read_attributes(data: Path) -> dict[str, Attributes]:
    """Find the tables below a data folder; return image id -> attributes, as far as the tables are there.

    Pictures of another data set that are HAM10000's have its patients' attributes.
    """
    patients = {row["image_id"]: _patient(row) for row in rows_of(data, METADATA)}
    pictures = {row["image_id"]: {"native_px": row["native_px"]} for row in rows_of(data, PROVENANCE)}
    twins = {row["path"].rpartition(".")[0]: row["ham_image_id"] for row in rows_of(data, TWINS)}
    known: dict[str, Attributes] = {i: {**patients.get(i, {}), **pictures.get(i, {})} for i in patients | pictures}
    return known | {twin: patients[i] for twin, i in twins.items() if i in patients}


def divide(predictions: Predictions, attributes: Mapping[str, Attributes]) -> dict[str, dict[str, Predictions]]:
    """Return attribute -> group -> the predictions for it; a photograph is in one group of each attribute."""
    known = [attributes.get(photograph.image_id, {}) for photograph in predictions.photographs]
    names = list(dict.fromkeys(name for found in known for name in found))
    return {name: _by_group(predictions, [found.get(name, UNKNOWN) for found in known]) for name in names}


def _patient(row: Mapping[str, str]) -> dict[str, str]:
    return {
        "age": age_band(float(row["age"]) if row["age"].strip() else None),
        "sex": row["sex"] or UNKNOWN,
        "site": row["localization"] or UNKNOWN,
    }


def _by_group(predictions: Predictions, groups: list[str]) -> dict[str, Predictions]:
    ordered = sorted(set(groups), key=_in_reading_order)
    return {group: predictions.where(np.array(groups) == group) for group in ordered}


def _in_reading_order(group: str) -> tuple[bool, bool, int, str]:
    """Put ``under 30`` before ``30 to 44``, numbers by size, and ``unknown`` last."""
    digits = "".join(character for character in group.partition(" ")[0] if character.isdigit())
    return group == UNKNOWN, not group.startswith("under"), int(digits or 0), group
