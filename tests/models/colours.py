"""Classifiers that go by mean colours alone: to measure something without training it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from models.card import Card
from models.labels import HAM7
from models.patient import Patient
from models.prediction import Frame, Prediction
from models.preprocessing import square_pixels
from models.serving import softmax
from models.views import VIEWS, shares

NAME, PX = "colours-ham7", 32
CARD = Card(
    name=NAME,
    title="Mean colours",
    version="0.1.0",
    architecture="colours",
    input_px=PX,
    views=1,
    scaling="raw",
    classes=HAM7.codes,
    parameters=28,
    temperature=1.7,
    files={"network.tflite": "0" * 64},
    training={
        "split": "drawn",
        "seed": 3,
        "pretrained": None,
        "history": [
            {"epoch": 1, "px": PX, "loss": 2.0},
            {
                "epoch": 2,
                "px": PX,
                "loss": 1.5,
                "validation_accuracy": 0.4,
                "validation_balanced_accuracy": 0.3,
            },
        ],
    },
    licence="None.",
    limits=("Knows colours only.",),
)


class ColourClassifier:
    """Tells classes apart by the mean colour of the picture's upper half; refuses pictures that are green."""

    def __init__(self, card: Card = CARD) -> None:
        self.card, self.name, self.version, self.task = card, card.name, card.version, card.task
        self.weights = np.random.default_rng(0).normal(size=(3, len(card.classes))) / 20

    def logits(self, pixels: np.ndarray) -> np.ndarray:
        return ((pixels[:, : PX // 2].mean(axis=(1, 2)) - 128) @ self.weights).astype(np.float32)

    def probabilities(self, logits: np.ndarray) -> np.ndarray:
        return softmax(logits, self.card.temperature, self.card.shift)

    def predict(
        self, photograph: Image.Image, frame: Frame | None = None, _patient: Patient | None = None
    ) -> Prediction:
        pixels = square_pixels(photograph, PX, frame)
        shares = self.probabilities(self.logits(pixels[np.newaxis]))[0]
        named = dict(zip(self.task.codes, shares.tolist(), strict=True))
        reasons = ("unfamiliar",) if pixels[..., 1].mean() > pixels[..., 0].mean() else ()
        label = self.task.codes[int(shares.argmax())]
        malignancy = self.task.malignancy(named)
        return Prediction(self.name, self.version, label, named, malignancy, not reasons, reasons, ((0.0,),))


class CountingClassifier(ColourClassifier):
    """Counts the squares that it is asked about; its card says that it sees four mirror images of each."""

    def __init__(self) -> None:
        super().__init__(replace(CARD, views=4))
        self.asked = 0

    def logits(self, pixels: np.ndarray) -> np.ndarray:
        self.asked += len(pixels)
        return super().logits(pixels)


class MirroringClassifier(ColourClassifier):
    """Answers the mean over 4 or 8 views of each square, as networks that are served do; says so, or not.

    It goes by how much the rows differ, too: a square that is turned looks like another one to it. A second member
    sees its share of the views with other weights.
    """

    def __init__(self, views: int, members: int = 1, *, says_so: bool) -> None:
        super().__init__(replace(CARD, views=views, members=members) if says_so else CARD)
        self.seen_by = shares(views, members)

    def logits(self, pixels: np.ndarray) -> np.ndarray:
        squares = pixels.astype(np.float64)
        answers = [
            self._of_view(VIEWS[i].of(squares, "raw")) * (1 - 1.5 * member)
            for member, share in enumerate(self.seen_by)
            for i in share
        ]
        return np.mean(answers, axis=0)

    def _of_view(self, squares: np.ndarray) -> np.ndarray:
        return super().logits(squares) + squares.mean(axis=2).std(axis=1) @ self.weights


def write_table(path: Path, header: str, rows: list[str]) -> None:
    path.write_text("\n".join([header, *rows]) + "\n")
