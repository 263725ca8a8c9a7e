"""The only door from the application to the classifiers in `models`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

import structlog
from flask import Flask, current_app

from app.errors import ClassifierUnavailableError
from app.metrics import CLASSIFICATION_SECONDS
from app.tracing import span
from app.warming import Warming
from models.card import NETWORK, Card, CardError, Interval, read_card, read_verified, weights_file
from models.engines.fitting import Fitting
from models.known_ground import NEVER_MEASURED, KnownGround, known_ground
from models.labels import TASKS, Label, Task, task_of
from models.operating_point import predictive_values
from models.outline import COLOURS, Measures, Noise, Outline, Outliner
from models.outline import REFUSALS as OUTLINE_REFUSALS
from models.patient import FACTS, OLDEST, SEXES, SITES, Evidence, Patient
from models.photograph import upright_rgb
from models.prediction import Classifier, Frame, Prediction
from models.quality import BEFORE_SENDING, REASONS
from models.registry import OUTLINE, Registry, UnavailableError, hold_network
from models.spread import EDGES as SPREAD_EDGES
from models.writing import VERSION as WRITING_VERSION

if TYPE_CHECKING:
    from PIL import Image

    from config import Settings

__all__ = [
    "BEFORE_SENDING",
    "COLOURS",
    "FACTS",
    "NEVER_MEASURED",
    "OLDEST",
    "OUTLINE_REFUSALS",
    "REASONS",
    "SEXES",
    "SITES",
    "SPREAD_EDGES",
    "TASKS",
    "WRITING_VERSION",
    "Card",
    "Classifiers",
    "Frame",
    "Interval",
    "KnownGround",
    "Label",
    "Measures",
    "Noise",
    "Outline",
    "Patient",
    "Prediction",
    "Task",
    "classify",
    "counted_facts",
    "current_classifiers",
    "heatmap_png",
    "known_ground",
    "looks_written_on",
    "network_bytes",
    "outline",
    "outline_noise",
    "outline_version",
    "predictive_values",
    "task_of",
    "upright_rgb",
    "weighed_facts",
]

BEHIND_PAGES = 5  # niceness of what computes an answer: a third of what a thread that writes a page gets
WARMING_PX = 64  # side of the black picture that is answered before the first photograph

log = structlog.get_logger(__name__)


class Classifiers(Protocol):
    """Classifiers by name; cards can be read without loading a network."""

    def __getitem__(self, name: str) -> Classifier:
        """Return a loaded classifier; KeyError if unknown, UnavailableError if it can't be loaded."""

    def cards(self) -> Sequence[Card]:
        """Return the cards of all classifiers, sorted by name."""

    def outliner(self) -> Outliner:
        """Return the network that draws outlines, loaded; UnavailableError if it can't be."""

    def outline_version(self) -> str | None:
        """Return the version of the network that draws outlines, without loading it; None if there is none."""

    def outline_noise(self) -> Mapping[str, Noise]:
        """Return by measure how far photographs of one unchanged lesion differ; empty if that was not measured."""


def init_app(app: Flask, classifiers: Classifiers | None) -> None:
    """Give the application its classifiers, and what warms the default one once a web process has started."""
    settings = app.config["SETTINGS"]
    if classifiers is None:
        classifiers = _registry(settings, settings.threads_of_inference, niceness=BEHIND_PAGES)
    app.extensions["classifiers"] = classifiers
    work = partial(_answer_once, classifiers, settings.default_model) if settings.warm_up else None
    app.extensions["warming"] = Warming(work)


def answer_side_by_side(app: Flask) -> None:
    """Let as many photographs be answered at a time as there are threads for one, and each on a thread of its own.

    More photographs a second, and each of them later: for a process in which nobody waits for one.
    """
    settings = app.config["SETTINGS"]
    if isinstance(app.extensions["classifiers"], Registry):
        app.extensions["classifiers"] = _registry(settings, threads=1, at_once=settings.photographs_at_once)


def hold_networks(settings: Settings) -> None:
    """Hold the default classifier's network and the outlining one for all processes that are forked from this one."""
    for name in (settings.default_model, OUTLINE):
        try:
            hold_network(settings.weights / name)
        except CardError as error:  # each process says so in its log when it needs the network
            log.warning("network_not_held", model=name, reason=str(error))


def current_classifiers() -> Classifiers:
    """Return the classifiers of the current application."""
    return cast(Classifiers, current_app.extensions["classifiers"])


def classify(photograph: Image.Image, frame: Frame, model: str, patient: Patient) -> Prediction:
    """Classify the framed square of an upright RGB photograph; ClassifierUnavailableError if that can't be done.

    What is known of the patient is weighed in beside the answer, and never changes it.
    """
    try:
        classifier = current_classifiers()[model]
    except (KeyError, UnavailableError) as error:
        log.error("classifier_unavailable", model=model, reason=str(error))
        raise ClassifierUnavailableError(
            "The classifier is not available at the moment. Nothing was stored; please tell your administrator."
        ) from error
    engine = str(getattr(classifier, "engine", "other"))
    with span("classify", model=model, engine=engine), CLASSIFICATION_SECONDS.labels(model, engine).time():
        return classifier.predict(photograph, frame, patient)


def outline(photograph: Image.Image, frame: Frame) -> Outline:
    """Outline and measure the lesion in the framed square of an upright RGB photograph.

    ClassifierUnavailableError if there is no network that could.
    """
    try:
        outliner = current_classifiers().outliner()
    except UnavailableError as error:
        log.error("outliner_unavailable", reason=str(error))
        raise ClassifierUnavailableError("Lesions can't be outlined at the moment.") from error
    return outliner.outline(photograph, frame)


def looks_written_on(photograph: bytes) -> bool:
    """Tell whether a kept photograph may have writing in it; OSError if it can't be read."""
    from models.writing import looks_written_on as look  # noqa: PLC0415 - NumPy and Pillow stay out of the start

    return look(photograph)


def outline_version() -> str | None:
    """Return the version of the network that draws outlines; None if there is none. Nothing is loaded."""
    return current_classifiers().outline_version()


def outline_noise() -> Mapping[str, Noise]:
    """Return by measure how far two photographs of one unchanged lesion differ: less must not be called a change.

    Empty if that was not measured; a measure that is not in it must not be compared.
    """
    return current_classifiers().outline_noise()


def counted_facts(card: Card) -> tuple[str, ...]:
    """Return which of age, sex and site a classifier weighs in where they are given."""
    evidence = Evidence.of(card.patient)
    return tuple(fact for fact in FACTS if evidence and fact in evidence.ratios and evidence.weights[fact] > 0)


def weighed_facts(card: Card, patient: Patient) -> tuple[str, ...]:
    """Return which of age, sex and site of a patient a classifier has weighed in."""
    evidence = Evidence.of(card.patient)
    return () if evidence is None else tuple(fact for fact in FACTS if fact in evidence.found(patient))


def is_warming() -> bool:
    """Tell whether this process is still loading its default classifier."""
    return bool(current_app.extensions["warming"].under_way)


def has_sound_files(name: str) -> bool:
    """Tell, without loading a network, whether a classifier's files are those that its card vouches for."""
    folder = current_app.config["SETTINGS"].weights / name
    try:
        _verify(folder, tuple(sorted((path.name, path.stat().st_mtime_ns) for path in folder.iterdir())))
    except (CardError, OSError) as error:
        log.error("classifier_unavailable", model=name, reason=str(error))
        return False
    return True


def network_bytes(name: str) -> int | None:
    """Return the size of a classifier's network, without reading it; None if the file is missing."""
    try:
        return int((current_app.config["SETTINGS"].weights / name / NETWORK).stat().st_size)
    except OSError:
        return None


def heatmap_png(grid: Sequence[Sequence[float]], px: int = 448) -> bytes:
    """Draw a class activation map as a square PNG of `px` pixels a side, transparent where it is 0."""
    from models.explain import draw_heatmap  # noqa: PLC0415 - NumPy stays out of the start

    return draw_heatmap(grid, px)


def _registry(settings: Settings, threads: int, at_once: int = 1, niceness: int = 0) -> Registry:
    fitting = Fitting(settings.inference_engine, settings.instance / "engines.json", niceness=niceness)
    return Registry(settings.weights, threads, at_once=at_once, fitting=fitting)


def _answer_once(classifiers: Classifiers, name: str) -> None:
    """Load a classifier and let it answer, for what an engine does no earlier; log why it can't."""
    from PIL import Image  # noqa: PLC0415 - Pillow stays out of the start

    try:
        classifiers[name].predict(Image.new("RGB", (WARMING_PX, WARMING_PX)))
    except (KeyError, UnavailableError) as error:
        log.error("classifier_unavailable", model=name, reason=str(error))


@lru_cache(maxsize=8)
def _verify(folder: Path, _seen: tuple[tuple[str, int], ...]) -> None:
    """Read the files that serving needs; again only when one has changed."""
    card = read_card(folder)
    for name in {NETWORK, *card.files} - set(map(weights_file, range(card.members))):
        read_verified(card, folder, name)
