"""Several copies of one classifier that share its photographs: one thread each, as many as there are cores.

A small network gains little from a second thread; a second copy of it takes half the photographs.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import cast

import numpy as np
import numpy.typing as npt
from PIL import Image

from models.evaluation.predictions import Measurable, Pixels
from models.evaluation.ranking import Floats
from models.patient import Patient
from models.prediction import Frame, Prediction
from models.registry import Registry

MOST = 8  # copies: each has the weights and its own buffers in memory


class Crew:
    """Classifiers that answer alike, seen as one; safe to share between threads."""

    def __init__(self, members: Sequence[Measurable]) -> None:
        first = members[0]
        self.card, self.name, self.version, self.task = first.card, first.name, first.version, first.task
        self._members = members
        self._free: SimpleQueue[Measurable] = SimpleQueue()
        for member in members:
            self._free.put(member)

    @classmethod
    def load(cls, weights: Path, name: str) -> Crew:
        """Load a copy for each core; KeyError and UnavailableError as from a `Registry`."""
        size = min(MOST, os.cpu_count() or 1)
        return cls([cast("Measurable", Registry(weights, threads=1)[name]) for _ in range(size)])

    def predict(
        self, photograph: Image.Image, frame: Frame | None = None, patient: Patient | None = None
    ) -> Prediction:
        """Have a free member classify the framed square of an upright RGB photograph."""
        member = self._free.get()
        try:
            return member.predict(photograph, frame, patient)
        finally:
            self._free.put(member)

    def logits(self, pixels: Pixels) -> npt.NDArray[np.float32]:
        """Return raw logits (n, classes) of squares (n, px, px, 3), each member's share in its own thread."""
        shares = np.array_split(pixels, min(len(self._members), len(pixels)))
        with ThreadPoolExecutor(len(shares)) as pool:
            return np.concatenate(list(pool.map(lambda member, share: member.logits(share), self._members, shares)))

    def probabilities(self, logits: npt.NDArray[np.float32]) -> Floats:
        """Return calibrated probabilities (n, classes) of raw logits."""
        return self._members[0].probabilities(logits)
