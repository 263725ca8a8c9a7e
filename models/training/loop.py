"""The training loop: seeded, resumable to the step, the same on every Keras back-end."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from models.architectures import Architecture, build_network
from models.architectures.base import LOGITS, load_backbone
from models.card import WEIGHTS
from models.labels import Task
from models.preprocessing import scale
from models.training.augmentation import RandomView
from models.training.checkpoint import Checkpoint
from models.training.data import LabelledImages, load_images, mixed, shuffled_batches
from models.training.recipes import Recipe
from models.training.splits import Photograph

CHECKPOINT_SECONDS = 240.0
AVERAGING_STEPS = 4  # the moving average is brought up to date every few steps
VALIDATION_EPOCHS = 4


@dataclass(frozen=True, slots=True)
class TrainingData:
    """What training may see: photographs for training and validation, and the folder they are in."""

    train: Sequence[Photograph]
    validation: Sequence[Photograph]
    folder: Path

    def load(self, part: str, task: Task, px: int) -> LabelledImages:
        """Read one part, ``train`` or ``validation``, at one size."""
        return load_images(getattr(self, part), self.folder, task, px)


class Trainer:
    """Trains one network by one recipe, and picks up its last checkpoint if asked to."""

    def __init__(self, architecture: Architecture, task: Task, recipe: Recipe, data: TrainingData, out: Path) -> None:
        keras.utils.set_random_seed(recipe.seed)
        self.task, self.recipe, self.data = task, recipe, data
        self.architecture = architecture
        self.network = build_network(architecture, len(task.codes), recipe.dropout)
        self.steps_per_epoch = max(1, len(data.train) // recipe.batch)
        self.history: list[dict[str, float]] = []
        self.step = 0
        self._checkpoint = Checkpoint(out)
        counts = np.bincount([task.codes.index(p.label) for p in data.train], minlength=len(task.codes))
        self.log_prior = np.log(np.maximum(counts, 1) / counts.sum()).astype(np.float32)
        self._compile()
        self._average = [np.array(w) for w in self.network.trainable_weights]

    def start_from(self, weights: Path) -> None:
        """Initialise from a ``.weights.h5`` file: a classifier's ``network.weights.h5``, or a bare backbone."""
        if weights.name == WEIGHTS:
            self.network.load_weights(weights)
            self._shift_bias(-1)  # the file has the prior in its bias, the loss will add it again
        else:
            load_backbone(self.network, self.architecture, str(weights))
        self._average = [np.array(w) for w in self.network.trainable_weights]

    def resume(self) -> bool:
        """Go back to the last checkpoint; False if there is none."""
        state = self._checkpoint.load(self._variables())
        if state is None:
            return False
        self.step, self.history, self._average = state.step, state.history, state.average
        return True

    def run(self) -> keras.Model:
        """Train to the end of the recipe and return the network, averaged and recalibrated."""
        total = self.recipe.epochs * self.steps_per_epoch
        images: LabelledImages | None = None
        with tqdm(total=total, initial=self.step, unit="step", smoothing=0.05) as bar:
            for epoch in range(self.step // self.steps_per_epoch, self.recipe.epochs):
                px = self.recipe.px_at(epoch)
                if images is None or images.pixels.shape[1] != px:
                    images = self.data.load("train", self.task, px)
                self._epoch(epoch, images, bar)
                if (epoch + 1) % VALIDATION_EPOCHS == 0:
                    self._validate(px, images, bar)
        return self._finish()

    def _compile(self) -> None:
        view = RandomView(self.recipe.seed, name="view")
        inputs = keras.Input((None, None, 3), dtype="uint8")
        scaled = scale(view(inputs), self.architecture.scaling)
        self.model = keras.Model(inputs, self.network(scaled))
        recipe = self.recipe
        steps = recipe.epochs * self.steps_per_epoch
        rate = keras.optimizers.schedules.CosineDecay(
            initial_learning_rate=recipe.rate / 100,
            decay_steps=max(1, steps - recipe.warm_up),
            alpha=recipe.final_rate / recipe.rate,
            warmup_target=recipe.rate,
            warmup_steps=recipe.warm_up,
        )
        optimizer = keras.optimizers.AdamW(rate, weight_decay=recipe.weight_decay)
        optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
        self.model.compile(optimizer=optimizer, loss=self._loss, jit_compile=False)
        optimizer.build(self.model.trainable_variables)

    def _loss(self, labels: Any, logits: Any) -> Any:
        shifted = logits + self.recipe.prior_exponent * self.log_prior
        wanted = labels * (1 - self.recipe.label_smoothing) + self.recipe.label_smoothing / len(self.task.codes)
        return keras.losses.categorical_crossentropy(wanted, shifted, from_logits=True)

    def _variables(self) -> list[Any]:
        return [*self.model.variables, *self.model.optimizer.variables]

    def _epoch(self, epoch: int, images: LabelledImages, bar: Any) -> None:
        losses, last_saved = [], time.monotonic()
        done = self.step - epoch * self.steps_per_epoch
        one_hot = np.eye(len(self.task.codes), dtype=np.float32)
        for pixels, labels in shuffled_batches(images, self.recipe.batch, self.recipe.seed, epoch, done):
            rng = np.random.default_rng((self.recipe.seed, self.step))
            losses.append(
                float(self.model.train_on_batch(*mixed(pixels, one_hot[labels], self.recipe.mixup, rng)))
            )
            self.step += 1
            if self.step % AVERAGING_STEPS == 0:
                self._update_average()
            bar.update()
            bar.set_postfix(epoch=epoch + 1, loss=f"{np.mean(losses[-50:]):.3f}", refresh=False)
            if time.monotonic() - last_saved > CHECKPOINT_SECONDS:
                self._save()
                last_saved = time.monotonic()
        if losses:
            self.history.append({"epoch": epoch + 1, "px": images.pixels.shape[1], "loss": float(np.mean(losses))})
        self._save()

    def _update_average(self) -> None:
        ramp = (1 + self.step) / (10 + self.step)  # a young average must not cling to the start
        keep = min(self.recipe.averaging, ramp) ** AVERAGING_STEPS
        for i, weight in enumerate(self.network.trainable_weights):
            self._average[i] += (1 - keep) * (np.asarray(weight) - self._average[i])

    def _save(self) -> None:
        self._checkpoint.save(self._variables(), self._average, self.step, self.history)

    def _validate(self, px: int, images: LabelledImages, bar: Any) -> None:
        """Measure the averaged weights on the validation photographs, and put the trained ones back."""
        trained = self.network.get_weights()
        self._use_average(images)
        validation = self.data.load("validation", self.task, px)
        logits = predict_logits(self.network, validation.pixels, self.architecture.scaling)
        self.network.set_weights(trained)
        shifted = logits + self.recipe.prior_exponent * self.log_prior
        accuracy = float(np.mean(shifted.argmax(1) == validation.labels))
        self.history[-1]["validation_accuracy"] = accuracy
        recalls = [np.mean(logits[validation.labels == c].argmax(1) == c) for c in np.unique(validation.labels)]
        self.history[-1]["validation_balanced_accuracy"] = float(np.mean(recalls))
        bar.write(json.dumps(self.history[-1]))
        self._save()

    def _use_average(self, images: LabelledImages) -> None:
        for weight, average in zip(self.network.trainable_weights, self._average, strict=True):
            weight.assign(average)
        recalibrate(self.network, images.pixels[: self.recipe.recalibration_images], self.architecture.scaling)

    def _finish(self) -> keras.Model:
        """Load the average, re-estimate batch norm at the serving size, fold the prior into the bias."""
        order = np.random.default_rng(self.recipe.seed).permutation(len(self.data.train))
        chosen = [self.data.train[i] for i in order[: self.recipe.recalibration_images]]
        images = load_images(chosen, self.data.folder, self.task, self.recipe.serving_px)
        self._use_average(images)
        self._shift_bias(1)
        return self.network

    def _shift_bias(self, times: int) -> None:
        bias = self.network.get_layer(LOGITS).bias
        bias.assign(np.asarray(bias) + times * self.recipe.prior_exponent * self.log_prior)


def recalibrate(network: keras.Model, pixels: npt.NDArray[np.uint8], scaling: str, batch: int = 64) -> None:
    """Re-estimate the batch-norm statistics as plain means over `pixels` (n, px, px, 3)."""
    norms = [layer for layer in network.layers if isinstance(layer, keras.layers.BatchNormalization)]
    momenta = [norm.momentum for norm in norms]
    for i, start in enumerate(range(0, len(pixels), batch)):
        for norm in norms:
            norm.momentum = i / (i + 1)
        network(scale(pixels[start : start + batch].astype(np.float32), scaling), training=True)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum


def predict_logits(
    network: keras.Model, pixels: npt.NDArray[np.uint8], scaling: str, batch: int = 64
) -> npt.NDArray[np.float32]:
    """Return logits (n, classes) of squares (n, px, px, 3)."""
    parts = [
        network.predict_on_batch(scale(pixels[start : start + batch].astype(np.float32), scaling))
        for start in range(0, len(pixels), batch)
    ]
    return np.concatenate(parts)
