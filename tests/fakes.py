"""Classifiers that answer at once, and always the same for the same picture."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from PIL import Image, ImageStat
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.results.tables import Analysis
from app.storage import Storage
from models.card import Card
from models.labels import HAM7, Task
from models.outline import Measures, Noise, Outline
from models.patient import SEXES, SITES, Evidence, Patient
from models.prediction import Frame, Prediction
from models.registry import UnavailableError

NAME = "mobilenetv2-ham7"
# old age and the face speak for a basal cell carcinoma, youth and the back for a nevus; sex weighs nothing
BASAL, NEVUS, NEITHER = ([-1.0, 3.0, 0, 0, -2.0, -2.0, 0], [0, 0, 0, 0, -1.0, 2.0, 0], [0] * 7)
EVIDENCE = {
    "ratios": {
        "age": {str(age): NEVUS if age < 45 else BASAL if age > 60 else NEITHER for age in range(0, 86, 5)},
        "sex": dict.fromkeys(SEXES, BASAL),
        "site": {site: BASAL if site == "face" else NEVUS if site == "back" else NEITHER for site in SITES},
    },
    "weights": {"age": 0.5, "sex": 0.0, "site": 0.5},
}
COUNTS = (66, 103, 220, 23, 231, 1331, 29)  # test photographs of each class: a fifth of them malignant
CARD = Card(
    name=NAME,
    title="MobileNetV2",
    version="1.0.0",
    architecture="mobilenetv2",
    input_px=224,
    views=4,
    scaling="minus_one_to_one",
    classes=HAM7.codes,
    parameters=2_266_951,
    operating_points={"sensitivity_95": 0.12, "sensitivity_90": 0.3},
    training={"split": "ham7-grouped"},
    metrics={
        "ham7-grouped": {
            "n": 2003,
            "lesions": 1491,
            "lesions_learned_from": 0,
            "accuracy": {"value": 0.84, "low": 0.82, "high": 0.86},
            "balanced_accuracy": {"value": 0.72, "low": 0.68, "high": 0.76},
            "macro_auc": {"value": 0.965, "low": 0.955, "high": 0.974},
            "malignant_auc": {"value": 0.931, "low": 0.918, "high": 0.943},
            "per_class": {code: {"n": n} for code, n in zip(HAM7.codes, COUNTS, strict=True)},
            "operating_points": {
                "sensitivity_95": {
                    "threshold": 0.12,
                    "sensitivity": {"value": 0.96, "low": 0.93, "high": 0.98},
                    "specificity": {"value": 0.73, "low": 0.7, "high": 0.76},
                },
                "sensitivity_90": {
                    "threshold": 0.3,
                    "sensitivity": {"value": 0.9, "low": 0.86, "high": 0.93},
                    "specificity": {"value": 0.8, "low": 0.78, "high": 0.82},
                },
            },
            "subgroups": {
                "age": {"45 to 59": {"lesions": 574}, "60 to 74": {"lesions": 310}},
                "sex": {"female": {"lesions": 699}, "male": {"lesions": 789}},
                "site": {"back": {"lesions": 300}, "lower extremity": {"lesions": 310}, "ear": {"lesions": 8}},
            },
            "lesions_by_patient": {
                "45 to 59 | female | back": 61,
                "45 to 59 | female | lower extremity": 87,
                "45 to 59 | male | back": 70,
            },
        }
    },
    licence="Research use only.",
    limits=("Trained on dermoscopic photographs of one data set.",),
)

LEARNED_CARD = replace(CARD, patient=EVIDENCE)


class FakeClassifier:
    """Answers from the mean of the framed pixels: the darker, the more it looks like a melanoma."""

    def __init__(self, card: Card = CARD) -> None:
        self.card = card
        self.name = card.name
        self.version = card.version
        self.task: Task = card.task
        self.calls: list[Frame | None] = []
        self.patients: list[Patient | None] = []

    def predict(
        self, photograph: Image.Image, frame: Frame | None = None, patient: Patient | None = None
    ) -> Prediction:
        self.calls.append(frame)
        self.patients.append(patient)
        square = frame or Frame.centred(*photograph.size)
        box = (square.left, square.top, square.left + square.side, square.top + square.side)
        mean = sum(ImageStat.Stat(photograph.crop(box)).mean) / 3 / 255
        probabilities = self._probabilities(1 - mean)
        return Prediction(
            model=self.name,
            version=self.version,
            label=max(probabilities, key=lambda code: probabilities[code]),
            probabilities=probabilities,
            malignancy=self.task.malignancy(probabilities),
            accepted=True,
            reasons=(),
            heatmap=HEATMAP,
            with_patient=self._with_patient(probabilities, patient),
            threshold=self.card.alert_threshold,
        )

    def _with_patient(self, probabilities: dict[str, float], patient: Patient | None) -> dict[str, float] | None:
        evidence = Evidence.of(self.card.patient)
        shift = None if evidence is None or patient is None else evidence.shift(patient)
        if shift is None:
            return None
        weighed = {code: p * math.exp(more) for (code, p), more in zip(probabilities.items(), shift, strict=True)}
        return {code: p / sum(weighed.values()) for code, p in weighed.items()}

    def _probabilities(self, darkness: float) -> dict[str, float]:
        codes = self.task.codes
        dark, light = ("mel", "nv") if "mel" in codes else (codes[-1], codes[0])
        rest = 0.1 / max(1, len(codes) - 2) if len(codes) > 2 else 0.0
        shared = 1 - rest * (len(codes) - 2)
        return {
            code: shared * darkness if code == dark else shared * (1 - darkness) if code == light else rest
            for code in codes
        }


class FakeOutliner:
    """Answers with a diamond in the middle of the frame, as large as half of it; `refused` if that is set."""

    def __init__(self, version: str = "1.0.0", refused: str | None = None) -> None:
        self.version, self.refused = version, refused
        self.calls: list[Frame | None] = []

    def outline(self, photograph: Image.Image, frame: Frame | None = None) -> Outline:
        self.calls.append(frame)
        if self.refused:
            return Outline(self.version, 0.4, refused=self.refused)
        square = frame or Frame.centred(*photograph.size)
        x, y, reach = square.left + square.side / 2, square.top + square.side / 2, square.side / 4
        corners = ((x, y - reach), (x + reach, y), (x, y + reach), (x - reach, y))
        measures = Measures(
            area=2 * reach**2,
            diameter=2 * reach,
            asymmetry=0.05,
            irregularity=1.27,
            notching=0.0,
            colour_spread=12.5,
            colours=("light brown", "dark brown"),
            hair=0.0,
        )
        polygon = tuple((x / photograph.width, y / photograph.height) for x, y in corners)
        return Outline(self.version, 0.9, polygon, measures)


NOISE = (
    Noise("area", 0.08, relative=True, real=False, n=500),
    Noise("diameter", 0.04, relative=True, real=False, n=500),
    Noise("asymmetry", 0.06, relative=False, real=True, n=400),
    Noise("irregularity", 0.2, relative=False, real=True, n=400),
    Noise("notching", 0.05, relative=False, real=True, n=400),
    Noise("colour_spread", 4.0, relative=False, real=True, n=400),
)


class FakeClassifiers:
    """Classifiers by name, loaded from nowhere."""

    def __init__(self, *cards: Card, outliner: FakeOutliner | None = None) -> None:
        self._outliner = outliner or FakeOutliner()
        self._classifiers = {card.name: FakeClassifier(card) for card in cards or (CARD,)}

    def __getitem__(self, name: str) -> FakeClassifier:
        return self._classifiers[name]

    def cards(self) -> Sequence[Card]:
        return tuple(self._classifiers[name].card for name in sorted(self._classifiers))

    def outliner(self) -> FakeOutliner:
        return self._outliner

    def outline_version(self) -> str | None:
        return self._outliner.version

    def outline_noise(self) -> Mapping[str, Noise]:
        return {noise.measure: noise for noise in NOISE}


class BrokenClassifiers(FakeClassifiers):
    """Classifiers that are listed, and whose weights are not as they should be."""

    def __getitem__(self, name: str) -> FakeClassifier:
        raise UnavailableError(f"{name}: network.tflite is missing")

    def outliner(self) -> FakeOutliner:
        raise UnavailableError("outline: outline.tflite is missing")


class FakeDestination:
    """A system that notes what it is sent; it raises what stands in `failures` first, one after the other."""

    where = "records.clinic.example"

    def __init__(self, name: str = "fhir", *failures: Exception) -> None:
        self.name = name
        self.failures = list(failures)
        self.received: list[str] = []

    def send(self, _session: Session, _storage: Storage, analysis: Analysis, _user: User) -> str:
        if self.failures:
            raise self.failures.pop(0)
        self.received.append(analysis.public_id)
        return f"Report/{len(self.received)}"


HEATMAP = tuple(tuple(max(0.0, 1 - ((x - 3) ** 2 + (y - 3) ** 2) / 18) for x in range(7)) for y in range(7))
