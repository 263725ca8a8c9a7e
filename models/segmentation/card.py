"""What travels with the outlining network: its files, what it was trained on, its limits, and what was measured."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from models.card import CardError
from models.outline import Noise

FILE = "outline.json"  # not card.json: a folder that has one is a classifier
WEIGHTS = "outline.weights.h5"
NETWORK = "outline.tflite"


@dataclass(frozen=True, slots=True)
class OutlineCard:
    """The network that draws outlines.

    `input_px` is the side of the square it sees. `limits` are those below which an outline is refused (see
    `models.segmentation.belief`), chosen on validation photographs. `noise` says, by measure, how far two photographs
    of one unchanged lesion lie apart. `metrics` are figures on test photographs, by split; all three are written by
    `models.segmentation.evaluation`, never by hand.
    """

    name: str
    title: str
    version: str
    input_px: int
    scaling: str
    parameters: int
    files: Mapping[str, str] = field(default_factory=dict)
    compiled: Mapping[str, Any] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)
    limits: Mapping[str, float] = field(default_factory=dict)
    noise: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    metrics: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    licence: str = ""
    cautions: tuple[str, ...] = ()

    def noise_limits(self) -> dict[str, Noise]:
        """Return what is noise, by measure; CardError if the card doesn't say it as it should."""
        try:
            return {name: Noise(measure=name, **fields) for name, fields in self.noise.items()}
        except TypeError as error:
            raise CardError(f"{FILE} does not say what is noise") from error


def read_card(folder: Path) -> OutlineCard:
    """Read the card of a folder; CardError if it is missing or damaged."""
    try:
        fields = json.loads((folder / FILE).read_text())
        return OutlineCard(**{**fields, "cautions": tuple(fields.get("cautions", ()))})
    except (OSError, ValueError, TypeError) as error:
        raise CardError(f"{FILE} can't be read") from error


def write_card(folder: Path, card: OutlineCard) -> None:
    """Write the card, readable by people."""
    (folder / FILE).write_text(json.dumps(asdict(card), indent=1, ensure_ascii=False) + "\n")


def read_verified(card: OutlineCard, folder: Path, name: str) -> bytes:
    """Read a file of the network; CardError unless its SHA-256 is the one on the card."""
    try:
        content = (folder / name).read_bytes()
    except OSError as error:
        raise CardError(f"{name} is missing") from error
    if hashlib.sha256(content).hexdigest() != card.files.get(name):
        raise CardError(f"{name} is not the file that the card vouches for")
    return content
