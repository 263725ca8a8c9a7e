"""Learn what age, sex and body site say about a lesion: see `models.patient`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.calibration import gain, where_it_turns
from models.patient import AGE_STEP, FACTS, LAST_AGE, Evidence, Patient, written
from models.serving import softmax
from models.training.tables import METADATA, rows_of

UNKNOWN = ("", "unknown")
PSEUDO_COUNT = 5.0  # photographs that each class is given in the proportions of all, against chance
AGE_SPREAD = 7.5  # years: standard deviation of the bell that a patient's age counts as
ROUNDS = 20  # of coordinate ascent, one weight at a time
DIGITS = 4

Floats = npt.NDArray[np.float64]
Ratios = dict[str, dict[str, tuple[float, ...]]]


def read_patients(data: Path) -> dict[str, Patient]:
    """Find the tables of HAM10000 below a data folder; return what they say of the patient, by image id."""
    return {row["image_id"]: _patient(row) for row in rows_of(data, METADATA)}


def fit_ratios(patients: Sequence[Patient], labels: npt.NDArray[np.int64], classes: int) -> Ratios:
    """Return log p(value | class) - log p(value) by fact and value, from n patients and class indices (n,).

    Ages are smoothed by a Gaussian. Values that no patient has are not in the tables.
    """
    known = [written(patient) for patient in patients]
    truth = np.eye(classes)[labels]  # (n, classes)
    tables: Ratios = {}
    for fact in FACTS:
        given = np.array([facts.get(fact, "") for facts in known])
        values = [str(age) for age in range(0, LAST_AGE + 1, AGE_STEP)] if fact == "age" else sorted({*given} - {""})
        if not (given != "").any():
            continue
        shares = _bells(given, values) if fact == "age" else (given[:, None] == np.array(values)).astype(float)
        tables[fact] = _ratios(truth.T @ shares, values)
    return tables


def fit_weights(
    ratios: Ratios, patients: Sequence[Patient], logits: Floats, labels: npt.NDArray[np.int64]
) -> dict[str, float]:
    """Return the weight of each fact, in [0, 1], with the greatest likelihood of class indices (n,).

    `logits` (n, classes) are what the photographs say, tempered and shifted. The likelihood is concave in the
    weights, so they are found one at a time, in turns.
    """
    scores = {fact: _scores(table, fact, patients, logits.shape[1]) for fact, table in ratios.items()}
    weights = dict.fromkeys(ratios, 0.0)
    for _ in range(ROUNDS):
        for fact in ratios:
            others = logits + sum((weights[other] * scores[other] for other in ratios if other != fact), np.zeros(1))

            def slope(weight: float, fact: str = fact, others: Floats = others) -> float:
                return gain(scores[fact], labels, softmax(others + weight * scores[fact]))

            weights[fact] = where_it_turns(slope, 0.0, 1.0)
    return {fact: round(weight, DIGITS) for fact, weight in weights.items()}


def fit_evidence(
    train: tuple[Sequence[Patient], npt.NDArray[np.int64]],
    validation: tuple[Sequence[Patient], npt.NDArray[np.int64]],
    logits: Floats,
) -> Evidence:
    """Learn the ratios from training photographs, and their weights from validation photographs with their logits."""
    ratios = fit_ratios(*train, logits.shape[1])
    return Evidence(ratios, fit_weights(ratios, validation[0], logits, validation[1]))


def _patient(row: Mapping[str, str]) -> Patient:
    sex, site = (None if row[name] in UNKNOWN else row[name] for name in ("sex", "localization"))
    return Patient(float(row["age"]) if row["age"].strip() else None, sex, site)


def _bells(given: npt.NDArray[np.str_], values: Sequence[str]) -> Floats:
    """Return how much each age (n,) in words counts as each of k values, (n, k); rows sum to 1, or to 0 if unknown."""
    ages = np.array([float(age) if age else np.nan for age in given])
    distances = (ages[:, None] - np.array(values, dtype=float)) / AGE_SPREAD
    bells = np.nan_to_num(np.exp(-0.5 * distances**2))
    shares: Floats = bells / np.maximum(bells.sum(axis=1, keepdims=True), 1e-12)
    return shares


def _ratios(counts: Floats, values: Sequence[str]) -> dict[str, tuple[float, ...]]:
    """Return the table of a fact from counts (classes, k)."""
    overall = counts.sum(axis=0) / counts.sum()
    smoothed = (counts + PSEUDO_COUNT * overall) / (counts.sum(axis=1, keepdims=True) + PSEUDO_COUNT)
    columns = np.log(smoothed / overall).T.round(DIGITS).tolist()
    return {value: tuple(column) for value, column in zip(values, columns, strict=True)}


def _scores(table: Mapping[str, tuple[float, ...]], fact: str, patients: Sequence[Patient], classes: int) -> Floats:
    nothing = (0.0,) * classes
    return np.array([table.get(written(patient).get(fact, ""), nothing) for patient in patients])
