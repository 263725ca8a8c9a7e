"""The serving engine: the compiled outlining network on LiteRT, one photograph at a time."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from models.abcd import measure
from models.abcd.contour import Floats
from models.engines.base import Network
from models.engines.litert import LiteRtEngine
from models.held import held
from models.outline import Outline, Points
from models.prediction import Frame
from models.preprocessing import scale, square_pixels
from models.segmentation.belief import Limits, find, verdict
from models.segmentation.card import NETWORK, OutlineCard, read_card, read_verified

DIGITS = 5  # of a fraction of the photograph: a fiftieth of a pixel


class LiteRtOutliner:
    """Draws outlines on LiteRT; safe to share between threads, which take turns."""

    def __init__(self, card: OutlineCard, network: Network, threads: int) -> None:
        self.card, self.version, self.limits = card, card.version, Limits.of(card.limits)
        self._engine = LiteRtEngine(network, threads)
        self._lock = threading.Lock()

    @classmethod
    def load(cls, folder: Path, threads: int) -> LiteRtOutliner:
        """Load from a folder; CardError unless its network is the one that the card vouches for."""
        card = read_card(folder)
        return cls(card, held(card.files.get(NETWORK)) or read_verified(card, folder, NETWORK), threads)

    def outline(self, photograph: Image.Image, frame: Frame | None = None) -> Outline:
        """Outline the lesion in the framed square of an upright RGB photograph; without a frame, the centred one."""
        frame = Frame.centred(*photograph.size) if frame is None else frame
        pixels = square_pixels(photograph, self.card.input_px, frame)
        found = find(self.shares(pixels), self.limits.level)
        refused = verdict(found, self.limits)
        confidence = 0.0 if found is None else found.confidence
        if found is None or refused:
            return Outline(self.version, confidence, refused=refused)
        unit = frame.side / self.card.input_px
        return Outline(
            version=self.version,
            confidence=confidence,
            polygon=_fractions(found.polygon * unit, frame, photograph.size),
            measures=measure(found.polygon, pixels, unit),
        )

    def shares(self, pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Return how sure the network is of a lesion at each place of a square (px, px, 3), in [0, 1]."""
        image = scale(pixels[np.newaxis].astype(np.float32), self.card.scaling)
        with self._lock:
            answers = self._engine.run(image)
        shares: npt.NDArray[np.float32] = answers["shares"][0, ..., 0]
        return shares


def _fractions(points: Floats, frame: Frame, size: tuple[int, int]) -> Points:
    """Return points from the frame's upper left corner as fractions of the photograph's width and height."""
    placed = ((points + np.array([frame.left, frame.top])) / size).clip(0, 1)
    return tuple((round(x, DIGITS), round(y, DIGITS)) for x, y in placed.tolist())
