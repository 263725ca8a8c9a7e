"""How the malignancies of the test photographs are spread: what those of a clinic can be held against."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from models.card import read_card, write_card
from models.evaluation.measurements import MEASUREMENTS, Measurement, all_measurements, kept_predictions
from models.evaluation.sample import Sample
from models.spread import BINS, EDGES


def spread(sample: Sample) -> dict[str, Any]:
    """Return the edges of the bins, and how many photographs have their malignancy in each."""
    bins = np.searchsorted(EDGES, sample.malignancy, side="right")
    return {"edges": list(EDGES), "counts": np.bincount(bins, minlength=BINS).tolist()}


def put_on_cards(weights: Path, kept: Path = MEASUREMENTS) -> list[Path]:
    """Write the spread of the kept predictions onto the cards that they belong to; return the cards' folders.

    For cards that were measured before there was such a figure: the predictions are those of `evaluate`, to five
    decimals. FileNotFoundError if those of a card were not kept.
    """
    shipped = [one for one in all_measurements(weights, kept) if one.shipped]
    for one in shipped:
        _put_on_card(weights / one.card.name, one, spread(kept_predictions(kept, one).sample))
    return sorted({weights / one.card.name for one in shipped})


def _put_on_card(folder: Path, one: Measurement, found: dict[str, Any]) -> None:
    card = read_card(folder)
    figures = {**card.metrics[one.split], "spread": found}
    write_card(folder, replace(card, metrics={**card.metrics, one.split: figures}))
