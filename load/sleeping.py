"""The application with classifiers that sleep in place of computing: what is left is what a worker does besides."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from flask import Flask
from PIL import Image

from app.factory import create_app
from config import settings_or_exit
from models.card import Card
from models.outline import Noise, Outliner
from models.patient import Patient
from models.prediction import Classifier, Frame, Prediction
from models.registry import UnavailableError
from tests.fakes import CARD, FakeClassifier


class SleepingClassifier(FakeClassifier):
    """Takes a time that no other worker takes from it."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    def predict(
        self, photograph: Image.Image, frame: Frame | None = None, patient: Patient | None = None
    ) -> Prediction:
        """Sleep, then answer."""
        time.sleep(self._seconds)
        return super().predict(photograph, frame, patient)


class SleepingClassifiers:
    """One classifier, and no network that draws outlines."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def __getitem__(self, name: str) -> Classifier:
        """Return it; KeyError by any other name."""
        if name != CARD.name:
            raise KeyError(name)
        return SleepingClassifier(self._seconds)

    def cards(self) -> Sequence[Card]:
        """Return its card."""
        return (CARD,)

    def outliner(self) -> Outliner:
        """Have none."""
        raise UnavailableError("there is no network for outlines")

    def outline_version(self) -> str | None:
        """Have none."""
        return None

    def outline_noise(self) -> Mapping[str, Noise]:
        """Have measured nothing."""
        return {}


def asleep(seconds: float) -> Flask:
    """Return an application that sleeps so long for each photograph: ``flask --app "load.sleeping:asleep(0.5)"``."""
    return create_app(settings_or_exit(), SleepingClassifiers(seconds))
