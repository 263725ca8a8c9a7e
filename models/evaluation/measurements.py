"""Measurements that are kept: figures as JSON, and the predictions that they can be recomputed from.

A network that is shipped has its figures on its card, in ``models/weights``; of one that was trained for a protocol
alone, the card is kept here without its files. Both have their predictions here: ``SPLIT/NAME[.RECIPE][.seedN].csv``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from models.card import Card, CardError, Interval, card_of, read_card
from models.evaluation.predictions import DIGITS, Predictions, read_csv, write_csv
from models.evaluation.report import rounded
from models.labels import TASKS, Task
from models.training.recipes import RECIPES

WEIGHTS = Path(__file__).parents[1] / "weights"
MEASUREMENTS = Path(__file__).parents[1] / "measurements"
USUAL_RECIPE = "ours"


@dataclass(frozen=True, slots=True)
class Measurement:
    """One network measured on one split; `figures` are what `models.evaluation.report` found."""

    card: Card
    split: str
    shipped: bool

    @property
    def figures(self) -> Mapping[str, Any]:
        """The figures on this split."""
        return self.card.metrics[self.split]

    @property
    def task(self) -> Task:
        """The task that was measured: two classes if seven were folded."""
        return TASKS[self.figures.get("task", self.card.task.name)]

    @property
    def recipe(self) -> str:
        """The recipe that the network was trained by: see `recipe_of`."""
        return recipe_of(self.card)

    @property
    def seed(self) -> int:
        """The seed of its training."""
        return int(self.card.training.get("seed") or 0)

    @property
    def own(self) -> bool:
        """Whether the network was trained for this split."""
        return self.card.training.get("split") == self.split

    def figure(self, name: str) -> Interval | None:
        """Return a figure with its interval; None if it is not defined or was not measured."""
        found = self.figures.get(name)
        return None if found is None else Interval(found["value"], found["low"], found["high"])


def recipe_of(card: Card) -> str:
    """Return the recipe of a card, with its epochs where they are not the recipe's own: ``ours``, ``ours-12``.

    That of a classifier of two networks names both, ``ours+refine``: what was trained in another way is never taken for
    the same.
    """
    return "+".join(_recipe(facts) for facts in (card.training, *card.training.get("further_members", ())))


def _recipe(training: Mapping[str, Any]) -> str:
    name = str(training.get("recipe", USUAL_RECIPE))
    epochs = sum(stage["epochs"] for stage in training.get("stages", ()))
    usual = RECIPES[name].epochs if name in RECIPES else epochs
    return f"{name}-{epochs}" if epochs and epochs != usual else name


def stem(card: Card) -> str:
    """Return what a measurement's files are called, without suffix."""
    recipe, seed = recipe_of(card), card.training.get("seed") or 0
    return card.name + (f".{recipe}" if recipe != USUAL_RECIPE else "") + (f".seed{seed}" if seed else "")


def keep_predictions(folder: Path, card: Card, split: str, predictions: Predictions) -> Path:
    """Write the predictions that figures can be recomputed from; return the path of the CSV file.

    They take the place of those of an earlier network of that name, and its figures are no longer kept.
    """
    path = folder / split / f"{stem(card)}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_suffix(".json").unlink(missing_ok=True)
    write_csv(path, predictions, DIGITS)
    return path


def keep(folder: Path, card: Card, found: Mapping[str, Any], predictions: Predictions) -> Path:
    """Write figures and predictions of a network whose files are not kept; return the path of the JSON file."""
    path = keep_predictions(folder, card, found["split"], predictions).with_suffix(".json")
    measured = replace(card, metrics={found["split"]: rounded(dict(found))})
    path.write_text(json.dumps(asdict(measured), indent=1, ensure_ascii=False) + "\n")
    return path


def kept_predictions(folder: Path, measurement: Measurement) -> Predictions:
    """Read the predictions of a measurement; FileNotFoundError if they were not kept."""
    return read_csv(folder / measurement.split / f"{stem(measurement.card)}.csv", measurement.task)


def all_measurements(weights: Path = WEIGHTS, folder: Path = MEASUREMENTS) -> list[Measurement]:
    """Return every measurement by split, name, recipe and seed; one that was kept before it was shipped, once."""
    shipped = list(_shipped(weights))
    known = {_network(measurement) for measurement in shipped}
    both = shipped + [kept for kept in _kept(folder) if _network(kept) not in known]
    return sorted(both, key=lambda one: (one.split, one.card.name, one.recipe, one.seed))


def _shipped(weights: Path) -> Iterator[Measurement]:
    for path in sorted(weights.glob("*/card.json")):
        card = read_card(path.parent)
        yield from (Measurement(card, split, shipped=True) for split in card.metrics)


def _kept(folder: Path) -> Iterator[Measurement]:
    for path in sorted(folder.glob("*/*.json")):
        card = card_of(json.loads(path.read_text()))
        if set(card.metrics) != {path.parent.name} or stem(card) != path.stem:
            raise CardError(f"{path.name} is not the measurement that its name says")
        yield Measurement(card, path.parent.name, shipped=False)


def _network(measurement: Measurement) -> tuple[str, str, str | None]:
    return measurement.card.name, measurement.split, measurement.figures.get("network_sha256")
