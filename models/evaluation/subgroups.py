"""Photographs by age, sex, body site and resolution, to see whom the classifier serves worse."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import numpy as np

from models.evaluation.predictions import Predictions

METADATA = "HAM10000_metadata.csv"
PROVENANCE = "provenance.csv"
UNKNOWN = "unknown"
AGES = (30, 45, 60, 75)  # years at which a band begins; the first is open below, the last above

Attributes = Mapping[str, str]  # attribute, such as sex -> the group that a photograph belongs to


def read_attributes(data: Path) -> dict[str, Attributes]:
    """Find the tables below a data folder; return image id -> attributes, as far as the tables are there."""
    patients = {
        row["image_id"]: {
            "age": age_band(row["age"]),
            "sex": row["sex"] or UNKNOWN,
            "site": row["localization"] or UNKNOWN,
        }
        for row in _rows(data, METADATA)
    }
    pictures = {row["image_id"]: {"native_px": row["native_px"]} for row in _rows(data, PROVENANCE)}
    return {i: {**patients.get(i, {}), **pictures.get(i, {})} for i in patients | pictures}


def age_band(age: str) -> str:
    """Return the band of an age in years as the table writes it; ``unknown`` for an empty one."""
    if not age.strip():
        return UNKNOWN
    years = float(age)
    if years < AGES[0]:
        return f"under {AGES[0]}"
    for begin, end in pairwise(AGES):
        if years < end:
            return f"{begin} to {end - 1}"
    return f"{AGES[-1]} and over"


def divide(predictions: Predictions, attributes: Mapping[str, Attributes]) -> dict[str, dict[str, Predictions]]:
    """Return attribute -> group -> the predictions for it; a photograph is in one group of each attribute."""
    known = [attributes.get(photograph.image_id, {}) for photograph in predictions.photographs]
    names = list(dict.fromkeys(name for found in known for name in found))
    return {name: _by_group(predictions, [found.get(name, UNKNOWN) for found in known]) for name in names}


def _by_group(predictions: Predictions, groups: list[str]) -> dict[str, Predictions]:
    ordered = sorted(set(groups), key=_in_reading_order)
    return {group: predictions.where(np.array(groups) == group) for group in ordered}


def _in_reading_order(group: str) -> tuple[bool, bool, int, str]:
    """Put ``under 30`` before ``30 to 44``, numbers by size, and ``unknown`` last."""
    digits = "".join(character for character in group.partition(" ")[0] if character.isdigit())
    return group == UNKNOWN, not group.startswith("under"), int(digits or 0), group


def _rows(data: Path, name: str) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = []
    for path in sorted(data.rglob(name)):
        with path.open(newline="") as file:
            rows += csv.DictReader(file)
    return rows
