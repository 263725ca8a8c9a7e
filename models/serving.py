"""A classifier as it serves: a compiled network on an engine, one photograph at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from models.card import NETWORK, Card, read_verified
from models.engines.alike import pictures
from models.engines.base import Engine, Network
from models.engines.fitting import Fitting
from models.explain import normalised
from models.familiarity import FILE, Familiarity
from models.held import held
from models.patient import Evidence, Patient
from models.prediction import Frame, Prediction
from models.preprocessing import scale, square_pixels
from models.quality import QUALITY_PX, REFUSED, quality_warnings
from models.similar import FILE as SIMILAR
from models.similar import SimilarIndex
from models.views import further_views

MOST_FURTHER_MS = 150.0  # that looking at further views may take

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Outputs:
    """What one pass of a network gives for n photographs.

    `logits` (n, classes), `view_logits` (n, views, classes), of which they are the mean, `embedding` (n, c), `middle`
    (n, m), the channel means of a middle layer, and `class_maps` (n, h, w, classes): how much each place speaks for
    each class.
    """

    logits: Floats
    view_logits: Floats
    embedding: Floats
    middle: Floats
    class_maps: Floats


class NetworkClassifier:
    """A classifier with a compiled network; safe to share between threads.

    It takes `at_once` photographs at a time, each on as many `threads`; others wait for their turn. `fitting` says
    which engine runs the network: LiteRT, unless something else is wanted.
    """

    def __init__(
        self,
        card: Card,
        network: Network,
        familiarity: Familiarity | None,
        threads: int,
        *,
        similar: SimilarIndex | None = None,
        at_once: int = 1,
        fitting: Fitting | None = None,
    ) -> None:
        self.card, self.name, self.version, self.task = card, card.name, card.version, card.task
        self._familiarity, self._similar = familiarity, similar
        self._evidence = Evidence.of(card.patient)
        fitting, sha256 = fitting or Fitting(), str(card.files.get(NETWORK))
        self._engines: SimpleQueue[Engine] = SimpleQueue()
        for _ in range(at_once):
            engine = fitting.engine(network, sha256, threads, lambda: pictures(card.input_px, card.scaling))
            self._engines.put(engine)
        self.engine = engine.name

    @classmethod
    def load(
        cls, card: Card, folder: Path, threads: int, at_once: int = 1, fitting: Fitting | None = None
    ) -> NetworkClassifier:
        """Load from a folder; CardError unless every file is the one that the card vouches for."""
        network = held(card.files.get(NETWORK)) or read_verified(card, folder, NETWORK)
        familiarity = None
        if card.unfamiliar_above is not None:
            familiarity = Familiarity.from_bytes(read_verified(card, folder, FILE))
        similar = SimilarIndex.from_bytes(read_verified(card, folder, SIMILAR)) if SIMILAR in card.files else None
        return cls(card, network, familiarity, threads, similar=similar, at_once=at_once, fitting=fitting)

    def predict(
        self, photograph: Image.Image, frame: Frame | None = None, patient: Patient | None = None
    ) -> Prediction:
        """Classify the framed square of an upright RGB photograph; without a frame, the centred one."""
        frame = Frame.centred(*photograph.size) if frame is None else frame
        square = square_pixels(photograph, self.card.input_px, frame)
        outputs = self.outputs(square[np.newaxis])
        probabilities = self.probabilities(outputs.logits)[0]
        top = int(probabilities.argmax())
        named = self._named(probabilities)
        calls = self._calls(square, outputs)
        judged = square if len(square) == QUALITY_PX else square_pixels(photograph, QUALITY_PX, frame)
        reasons = self._unfamiliar(outputs.middle) + quality_warnings(judged)
        return Prediction(
            model=self.name,
            version=self.version,
            label=self.task.codes[top],
            probabilities=named,
            malignancy=self.task.malignancy(named),
            accepted=REFUSED not in reasons,
            reasons=reasons,
            heatmap=_rows(normalised(outputs.class_maps[0, :, :, top])),
            views=len(calls),
            views_changed=int((calls != top).sum()),
            similar=() if self._similar is None else self._similar.nearest(outputs.embedding[0]),
            with_patient=self._with_patient(outputs.logits, patient),
            threshold=self.card.alert_threshold,
        )

    def outputs(self, pixels: npt.NDArray[np.uint8]) -> Outputs:
        """Run the network on squares (n, px, px, 3), one after the other."""
        images = scale(pixels.astype(np.float32), self.card.scaling).astype(np.float32)
        passes = [self._pass(images[i : i + 1]) for i in range(len(images))]
        return Outputs(*(np.concatenate([one[name] for one in passes]) for name in Outputs.__slots__))

    def logits(self, pixels: npt.NDArray[np.uint8]) -> Floats:
        """Return raw logits (n, classes) of squares (n, px, px, 3)."""
        return self.outputs(pixels).logits

    def probabilities(self, logits: Floats) -> npt.NDArray[np.float64]:
        """Return calibrated probabilities (n, classes) of raw logits."""
        return softmax(logits, self.card.temperature, self.card.shift)

    def _pass(self, image: Floats) -> Mapping[str, Any]:
        engine = self._engines.get()  # an engine has one set of buffers
        try:
            outputs = engine.run(image)
        finally:
            self._engines.put(engine)
        return {"view_logits": outputs["logits"][:, np.newaxis], **outputs}  # older networks answer no single views

    def _calls(self, square: npt.NDArray[np.uint8], outputs: Outputs) -> npt.NDArray[np.int64]:
        """Return the class (8,) that each of the eight views alone would be called; (0,) if that takes too long."""
        further = further_views(square, self.card.views)
        if len(further) * self.card.compiled.get("milliseconds", np.inf) > MOST_FURTHER_MS:
            return np.empty(0, dtype=np.int64)
        logits = outputs.view_logits[0]
        if len(further):
            logits = np.concatenate([logits, *self.outputs(further).view_logits])
        calls: npt.NDArray[np.int64] = self.probabilities(logits).argmax(axis=1)
        return calls

    def _with_patient(self, logits: Floats, patient: Patient | None) -> dict[str, float] | None:
        """Return the probabilities of one photograph once the patient's facts are weighed in; None if none counts."""
        weighed = None if self._evidence is None or patient is None else self._evidence.shift(patient)
        if weighed is None:
            return None
        shift = np.add(self.card.shift or 0.0, weighed)
        return self._named(softmax(logits, self.card.temperature, shift)[0])

    def _named(self, probabilities: npt.NDArray[np.float64]) -> dict[str, float]:
        return dict(zip(self.task.codes, probabilities.tolist(), strict=True))

    def _unfamiliar(self, middle: Floats) -> tuple[str, ...]:
        limit = self.card.unfamiliar_above
        if self._familiarity is None or limit is None:
            return ()
        return (REFUSED,) if self._familiarity.distance(middle)[0] > limit else ()


def softmax(
    logits: npt.NDArray[np.floating], temperature: float = 1.0, shift: npt.ArrayLike = ()
) -> npt.NDArray[np.float64]:
    """Return probabilities (n, classes) of logits divided by a temperature (Guo et al., ICML 2017).

    `shift`, (classes,) or (n, classes), is added to them after that; empty adds nothing.
    """
    tempered = logits.astype(np.float64) / temperature
    if np.size(shift):
        tempered = tempered + np.asarray(shift)
    powers = np.exp(tempered - tempered.max(axis=1, keepdims=True))
    shares: npt.NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
    return shares


def _rows(grid: Floats) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(round(float(value), 4) for value in row) for row in grid)
