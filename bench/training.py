"""Time a step of our training beside a bare Keras `fit`."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np

from bench.figure import Figure
from models.architectures import ARCHITECTURES, build_network
from models.labels import HAM7
from models.training.recipes import Recipe, Stage
from models.training.splits import Photograph
from tests.pictures import lesion_picture

PX, STEPS = 128, 10  # of training: side of a square, steps an epoch
TRAINING = Recipe(stages=(Stage(PX, 3),), validate_every=99, recalibration_images=0)  # 3 epochs in batches of 32


def training() -> list[Figure]:
    """Time a step of our training, and of a bare Keras `fit` of the same network on squares that are there already."""
    with tempfile.TemporaryDirectory() as folder:
        ours = _step_of_ours(Path(folder))
    bare = _step_of_fit()
    kept = ours <= 1.3 * bare
    return [
        Figure(
            "training step, MobileNetV2, 32 x 128 px", ours, "ms", f"{ours / bare:.2f} of Keras's fit, <= 1.3", kept
        ),
        Figure("  the same with keras.Model.fit", bare, "ms"),
    ]


def _step_of_ours(folder: Path) -> float:
    """Train on drawn photographs; return milliseconds a step once the first epoch has compiled everything."""
    from models.training.loop import Trainer, TrainingData

    names = [f"{i:04}" for i in range(STEPS * TRAINING.batch)]
    for i, name in enumerate(names):
        lesion_picture(seed=i, size=(PX, PX)).save(folder / f"{name}.jpg")
    photographs = [Photograph(name, name, HAM7.codes[i % 7], "train") for i, name in enumerate(names)]
    data = TrainingData(photographs, photographs, folder)
    trainer = Trainer(ARCHITECTURES["mobilenetv2"], HAM7, TRAINING.with_epochs(1), data, folder)
    trainer.run()
    trainer.recipe = TRAINING
    start = time.perf_counter()
    trainer.run()  # goes on with the second epoch
    return 1000 * (time.perf_counter() - start) / ((TRAINING.epochs - 1) * STEPS)


def _step_of_fit() -> float:
    """Return milliseconds a step of a bare `fit`, once the first epoch has compiled everything."""
    import keras

    network = build_network(ARCHITECTURES["mobilenetv2"], len(HAM7.codes))
    network.compile(keras.optimizers.AdamW(1e-4), keras.losses.CategoricalCrossentropy(from_logits=True))
    rng = np.random.default_rng(0)
    squares = rng.random((STEPS * TRAINING.batch, PX, PX, 3), dtype=np.float32)
    labels = np.eye(7, dtype=np.float32)[rng.integers(0, 7, len(squares))]
    network.fit(squares, labels, TRAINING.batch, epochs=1, verbose=0)
    start = time.perf_counter()
    network.fit(squares, labels, TRAINING.batch, epochs=TRAINING.epochs - 1, verbose=0)
    return 1000 * (time.perf_counter() - start) / ((TRAINING.epochs - 1) * STEPS)
