"""The card of a classifier: what it is, how it was trained and measured, and the hashes of its files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from models.labels import TASKS, Task

FILE = "card.json"
NETWORK = "network.tflite"
WEIGHTS = "network.weights.h5"  # of the first member
ALERT = "sensitivity_95"  # the operating point from which a lesion is called suspicious


class CardError(ValueError):
    """A card, or a file that it vouches for, is missing or not as it should be."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Card:
    """What travels with a network's weights.

    `input_px` is the side of the square it sees, `scaling` a name of `preprocessing.SCALINGS`; `views` says how
    many of `models.views.VIEWS` it sees and answers the mean of: 1, 4 or 8; `members` how many networks, each with
    weights of its own, share these: of one `architecture`, or the others are of `further_architectures`.
    `temperature` divides the logits before softmax, and `shift` is added to them then, class by class. `patient` is
    what was learned of age, sex and site (see `models.patient`).
    `unfamiliar_above` is the distance (see `models.familiarity`) above which a picture is not accepted.
    `operating_points` are thresholds on malignancy by name. `compiled` says how the network is stored, what that cost
    against 32-bit floats, and how long a pass takes (see `models.compile`). `metrics` maps a split to its figures;
    they are written by `models.evaluation`, never by hand.
    """

    name: str
    title: str
    version: str
    architecture: str
    input_px: int
    views: int
    scaling: str
    classes: tuple[str, ...]
    parameters: int
    members: int = 1
    further_architectures: tuple[str, ...] = ()
    temperature: float = 1.0
    shift: tuple[float, ...] = ()
    patient: Mapping[str, Any] = field(default_factory=dict)
    unfamiliar_above: float | None = None
    operating_points: Mapping[str, float] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    compiled: Mapping[str, Any] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    intended_use: str = ""
    licence: str = ""
    limits: tuple[str, ...] = ()

    @property
    def task(self) -> Task:
        """The task whose classes the network tells apart."""
        return TASKS[self.name.rpartition("-")[2]]

    @property
    def architectures(self) -> tuple[str, ...]:
        """The architecture of each member."""
        others = self.further_architectures or (self.architecture,) * (self.members - 1)
        return (self.architecture, *others)

    @property
    def alert_threshold(self) -> float | None:
        """The malignancy from which the classifier alerts; None if it has no such operating point."""
        return self.operating_points.get(ALERT)

    def held_out(self, metric: str) -> Interval | None:
        """Return a figure on the test fold of the split it was trained for.

        None if it was not measured, or if training saw lesions of the test fold or may have seen them.
        """
        figures = self.metrics.get(str(self.training.get("split")), {})
        if figures.get("lesions_learned_from", 0) != 0:
            return None
        found = figures.get(metric)
        return Interval(found["value"], found["low"], found["high"]) if isinstance(found, dict) else None


def weights_file(member: int) -> str:
    """Return the name of the file with the Keras weights of a member, counted from 0."""
    return WEIGHTS if member == 0 else f"network-{member + 1}.weights.h5"


def read_card(folder: Path) -> Card:
    """Read ``card.json`` of a folder; CardError if it is missing or is not that classifier's card."""
    try:
        card = card_of(json.loads((folder / FILE).read_text()))
        codes = card.task.codes
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CardError(f"{FILE} can't be read") from error
    if card.name != folder.name or card.classes != codes:
        raise CardError(f"{FILE} is not that of {folder.name}")
    return card


def card_of(fields: Mapping[str, Any]) -> Card:
    """Return the card with these fields, as JSON has them; KeyError or TypeError if they are not a card's."""
    tuples = {
        name: tuple(fields[name]) for name in ("classes", "limits", "shift", "further_architectures") if name in fields
    }
    return Card(**{**fields, **tuples})


def write_card(folder: Path, card: Card) -> None:
    """Write ``card.json``, readable by people."""
    (folder / FILE).write_text(json.dumps(asdict(card), indent=1, ensure_ascii=False) + "\n")


def read_verified(card: Card, folder: Path, name: str) -> bytes:
    """Read a file of a classifier; CardError unless its SHA-256 is the one on the card."""
    try:
        content = (folder / name).read_bytes()
    except OSError as error:
        raise CardError(f"{name} is missing") from error
    if sha256(content) != card.files.get(name):
        raise CardError(f"{name} is not the file that the card vouches for")
    return content


def sha256(content: bytes) -> str:
    """Return the SHA-256 of a content, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()
