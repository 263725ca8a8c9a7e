"""``python -m models compile``: Keras weights to the serving format, and proof that it costs next to nothing."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from models.card import NETWORK, Card, CardError, read_card, sha256, write_card
from models.engines.alike import smooth_noise
from models.evaluation.metrics import measure
from models.evaluation.sample import Sample
from models.keras_engine import served_network
from models.preprocessing import scale
from models.serving import NetworkClassifier
from models.training import splits
from models.training.data import load_images

AUTO = "auto"
SMALLEST_FIRST = ("int8", "fp16", "fp32")  # how weights can be stored
TOLERANCES = {"fp32": 1e-3, "fp16": 1e-2, "int8": np.inf}  # largest difference of a probability on drawn squares
COMPARED = ("accuracy", "balanced_accuracy", "macro_auc", "malignant_auc")
MOST_LOST = 0.003  # largest difference of any of these on validation photographs
MOST_BYTES = 60_000_000
PROOFS = 8
TIMED_PASSES = 20
THREADS = 2

Figures = dict[str, float]


class CompileError(CardError):
    """A network can't be compiled as asked; the message says why."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """A compiled network, how its weights are stored, and the largest difference of a probability that this makes."""

    precision: str
    content: bytes
    difference: float


def compile_network(
    name: str,
    weights: Path,
    precision: str = AUTO,
    *,
    data: Path | None = None,
    split: str | None = None,
    views: int | None = None,
) -> Card:
    """Write ``network.tflite`` for a classifier, put on its card what that cost, and return the card.

    ``auto`` takes the smallest file whose figures on validation photographs, below `data`, all lie within 0.3 points
    of those of 32-bit weights; without photographs it takes these. `views` replaces the number on the card: it is how
    a network is served, not how it was trained. CompileError, and nothing is written, if the
    network answers otherwise than the Keras network, or if the file is too large.
    """
    folder = weights / name
    card = read_card(folder)
    card = replace(card, views=views or card.views)
    served = served_network(card, folder)

    @cache
    def make(precision: str) -> Compiled:
        content = to_litert(served, precision)
        return Compiled(precision, content, parity(card, served, content))

    validate = None if data is None else _validation(card, data, split or str(card.training["split"]))
    try:
        chosen, differences = choose(make, precision, validate)
    except CompileError as error:
        raise CompileError(f"{name}: {error}") from error
    compiled = {
        "precision": chosen.precision,
        "probability_difference": chosen.difference,
        "differences": differences,
        "milliseconds": round(_milliseconds(card, chosen.content), 1),
    }
    (folder / NETWORK).write_bytes(chosen.content)
    card = replace(card, compiled=compiled, files={**card.files, NETWORK: sha256(chosen.content)})
    write_card(folder, card)
    return card


def choose(
    make: Callable[[str], Compiled], precision: str, validate: Callable[[bytes], Figures] | None
) -> tuple[Compiled, Figures]:
    """Return the network to be served, and the differences of its figures from those of 32-bit weights.

    `make` compiles in one of `SMALLEST_FIRST`, `validate` measures a compiled network. CompileError if none will do.
    """
    candidates = SMALLEST_FIRST if precision == AUTO else (precision,)
    reference: Figures = {}
    if validate is None:
        if precision == "int8":
            raise CompileError("what int8 costs must be measured on photographs: say where they are, with --data")
        candidates = candidates[-1:]
    else:
        reference = validate(make("fp32").content)
    faults = []
    for candidate in candidates:
        compiled = make(candidate)
        found = {} if validate is None else validate(compiled.content)
        differences = {name: found[name] - reference[name] for name in reference}
        fault = _fault(compiled, differences)
        if fault is None:
            return compiled, differences
        faults.append(f"{candidate} {fault}")
    raise CompileError("; ".join(faults))


def to_litert(served: Any, precision: str = "fp32") -> bytes:
    """Convert a Keras model to a LiteRT file for one picture at a time, its weights stored as `precision` says.

    16-bit weights are widened as they are loaded; 8-bit weights are multiplied with activations that are rounded
    to 8 bits on the way. The way over a SavedModel is the one that keeps the variables.
    """
    import keras  # noqa: PLC0415 - development only
    import tensorflow as tf  # noqa: PLC0415 - as slow to import

    one = keras.Input((*served.input_shape[1:],), batch_size=1, name="image")
    fixed = keras.Model(one, served(one))
    with tempfile.TemporaryDirectory() as folder:
        fixed.export(folder, format="tf_saved_model", verbose=False)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        if precision != "fp32":
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        if precision == "fp16":
            converter.target_spec.supported_types = [tf.float16]
        return bytes(converter.convert())


def parity(card: Card, served: Any, content: bytes) -> float:
    """Return the largest difference of any probability between both engines, on squares of smooth noise."""
    compiled = NetworkClassifier(card, content, None, threads=THREADS)
    pixels = smooth_noise(card.input_px, PROOFS)
    images = scale(pixels.astype(np.float32), card.scaling)
    # one at a time: Keras keeps every layer's answer until it is done
    reference = np.concatenate([np.asarray(served(images[i : i + 1])["logits"]) for i in range(PROOFS)])
    ours = compiled.probabilities(compiled.logits(pixels))
    return float(np.abs(ours - compiled.probabilities(reference)).max())


def _fault(compiled: Compiled, differences: Figures) -> str | None:
    """Return what is wrong with a compiled network, or None."""
    if not compiled.difference < TOLERANCES[compiled.precision]:
        return f"changes a probability by {compiled.difference:.2g}"
    if len(compiled.content) >= MOST_BYTES:
        return f"makes a file of {len(compiled.content) / 1e6:.0f} MB, and none may have {MOST_BYTES / 1e6:.0f}"
    name, worst = max(differences.items(), key=lambda item: abs(item[1]), default=("", 0.0))
    if abs(worst) > MOST_LOST:
        return f"changes {name} by {100 * worst:+.1f} points"
    return None


def _validation(card: Card, data: Path, split: str) -> Callable[[bytes], Figures]:
    """Return what measures a compiled network on the validation photographs of a split."""
    _, photographs = splits.for_training(split, card.task)
    images = load_images(photographs, data, card.task, card.input_px)

    def validate(content: bytes) -> Figures:
        classifier = NetworkClassifier(card, content, None, threads=THREADS)
        probabilities = classifier.probabilities(classifier.logits(images.pixels))
        overall = measure(Sample.whole(card.task, images.labels, probabilities)).overall
        figures = {name: float(overall[name][0]) for name in COMPARED}
        return {name: figure for name, figure in figures.items() if not np.isnan(figure)}

    return validate


def _milliseconds(card: Card, content: bytes) -> float:
    """Return what a pass takes on two cores: half its processor time, which other work on the machine does not change.

    The least of some passes counts.
    """
    classifier = NetworkClassifier(card, content, None, threads=THREADS)
    square = np.zeros((1, card.input_px, card.input_px, 3), dtype=np.uint8)
    times = []
    for _ in range(TIMED_PASSES):
        start = time.process_time()
        classifier.logits(square)
        times.append(time.process_time() - start)
    return 1000 * min(times) / THREADS
