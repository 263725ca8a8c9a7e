"""The site with a classifier that takes its time and computes nothing: ``gunicorn tests.chaos.simulated:app``."""

from __future__ import annotations

import time

from PIL import Image

from app.factory import create_app
from config import settings_or_exit
from models.patient import Patient
from models.prediction import Frame, Prediction
from tests.fakes import CARD, FakeClassifier, FakeClassifiers

SECONDS = 0.03  # for one photograph, about as long as the real one takes on a core of its own


class SlowClassifier(FakeClassifier):
    """Answers after a while."""

    def predict(
        self, photograph: Image.Image, frame: Frame | None = None, patient: Patient | None = None
    ) -> Prediction:
        time.sleep(SECONDS)
        return super().predict(photograph, frame, patient)


class SlowClassifiers(FakeClassifiers):
    """One classifier, which takes its time."""

    def __getitem__(self, name: str) -> FakeClassifier:
        return {CARD.name: SlowClassifier(CARD)}[name]


app = create_app(settings_or_exit(), SlowClassifiers())
