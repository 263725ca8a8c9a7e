"""The training loop: seeded, resumable to the step, the same on every Keras back-end."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from tqdm import tqdm

from models.architectures import Architecture, build_network
from models.architectures.base import LOGITS, class_logits, load_backbone
from models.card import WEIGHTS
from models.labels import Task
from models.preprocessing import scale
from models.training.augmentation import AUGMENTATIONS, RandomView
from models.training.batch_norm import fused, recalibrate
from models.training.checkpoint import Checkpoint
from models.training.data import LabelledImages, load_images, mixed, shuffled_batches
from models.training.optimization import build_optimizer, freeze_until, penalise_head
from models.training.progress import best_epoch, halvings, is_over
from models.training.recipes import Recipe
from models.training.splits import Photograph, SplitError
from models.training.validation import predict_logits, scores

CHECKPOINT_SECONDS = 240.0
BEST = "best.weights.h5"


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

    def __init__(
        self,
        architecture: Architecture,
        task: Task,
        recipe: Recipe,
        data: TrainingData,
        out: Path,
        *,
        init: Path | None = None,
    ) -> None:
        """Build the network, from the weights of `init` if given, and what trains it.

        `init` is a ``.weights.h5`` file: a classifier's ``network.weights.h5``, or a bare backbone. Layers up to the
        recipe's `frozen_until` keep what they got from it. SplitError if there are fewer photographs than a batch.
        """
        if len(data.train) < recipe.batch:
            raise SplitError(f"{len(data.train)} photographs are too few for batches of {recipe.batch}")
        keras.utils.set_random_seed(recipe.seed)
        keras.config.set_dtype_policy(recipe.precision)
        self.task, self.recipe, self.data = task, recipe, data
        self.architecture = architecture
        self.network = fused(build_network(architecture, len(task.codes), recipe.dropout))
        self.steps_per_epoch = len(data.train) // recipe.batch
        self.history: list[dict[str, float]] = []
        self.step = 0
        self._out = out
        self._checkpoint = Checkpoint(out)
        self._validation: LabelledImages | None = None
        counts = np.bincount([task.codes.index(p.label) for p in data.train], minlength=len(task.codes))
        self.log_prior = np.log(np.maximum(counts, 1) / counts.sum()).astype(np.float32)
        if init is not None:
            self._start_from(init)
        self._compile()

    def resume(self) -> bool:
        """Go back to the last checkpoint; False if there is none."""
        state = self._checkpoint.load(self._variables())
        if state is None:
            return False
        self.step, self.history = state.step, state.history
        return True

    def run(self) -> keras.Model:
        """Train to the end of the recipe and return the network: averaged or the best, and recalibrated."""
        total = self.recipe.epochs * self.steps_per_epoch
        images: LabelledImages | None = None
        with tqdm(total=total, initial=self.step, unit="step", smoothing=0.05) as bar:
            for epoch in range(self.step // self.steps_per_epoch, self.recipe.epochs):
                if is_over(self.history, self.recipe.stop_after):
                    break
                px = self.recipe.px_at(epoch)
                if images is None or images.pixels.shape[1] != px:
                    images = self.data.load("train", self.task, px)
                self._epoch(epoch, images, bar)
        return self._finish()

    def _start_from(self, weights: Path) -> None:
        if weights.name == WEIGHTS:
            self.network.load_weights(weights)
            self._shift_bias(-1)  # the file has the prior in its bias, the loss will add it again
        else:
            load_backbone(self.network, self.architecture, str(weights))
        if self.recipe.frozen_until:
            freeze_until(self.network, self.recipe.frozen_until)

    def _compile(self) -> None:
        view = RandomView(AUGMENTATIONS[self.recipe.augmentation], self.recipe.seed, name="view")
        inputs = keras.Input((None, None, 3), dtype="uint8")
        scaled = scale(view(inputs), self.architecture.scaling)
        self.model = keras.Model(inputs, self.network(scaled))
        optimizer = build_optimizer(self.recipe, self.recipe.epochs * self.steps_per_epoch)
        penalise_head(self.network, self.recipe.l2)
        self.model.compile(optimizer=optimizer, loss=self._loss, jit_compile=keras.backend.backend() == "jax")
        optimizer.build(self.model.trainable_variables)

    def _loss(self, labels: Any, outputs: Any) -> Any:
        shifted = class_logits(outputs) + self.recipe.prior_exponent * self.log_prior
        wanted = labels * (1 - self.recipe.label_smoothing) + self.recipe.label_smoothing / len(self.task.codes)
        return keras.losses.categorical_crossentropy(wanted, shifted, from_logits=True)

    def _variables(self) -> list[Any]:
        return [*self.model.variables, *self.model.optimizer.variables]

    def _epoch(self, epoch: int, images: LabelledImages, bar: Any) -> None:
        losses, last_saved = [], time.monotonic()
        one_hot = np.eye(len(self.task.codes), dtype=np.float32)
        done = self.step - epoch * self.steps_per_epoch
        self._set_rate()
        for pixels, labels in shuffled_batches(images, self.recipe.batch, self.recipe.seed, epoch, done):
            rng = np.random.default_rng((self.recipe.seed, self.step))
            batch = mixed(pixels, one_hot[labels], self.recipe.mixup, rng)
            losses.append(float(self.model.train_on_batch(*batch)))
            self.step += 1
            bar.update()
            bar.set_postfix(epoch=epoch + 1, loss=f"{np.mean(losses[-50:]):.3f}", refresh=False)
            ended = self.step % self.steps_per_epoch == 0  # then it is saved below, with its entry in the curve
            if not ended and time.monotonic() - last_saved > CHECKPOINT_SECONDS:
                self._save()
                last_saved = time.monotonic()
        self.history.append({"epoch": epoch + 1, "px": images.pixels.shape[1], "loss": float(np.mean(losses))})
        if (epoch + 1) % self.recipe.validate_every == 0:
            self._validate(images)
            bar.write(json.dumps(self.history[-1]))
        self._save()

    def _set_rate(self) -> None:
        if self.recipe.halve_after:
            rate = self.recipe.rate * 0.5 ** halvings(self.history, self.recipe.halve_after)
            self.model.optimizer.learning_rate.assign(rate)

    def _save(self) -> None:
        self._checkpoint.save(self._variables(), self.step, self.history)

    def _validate(self, images: LabelledImages) -> None:
        """Measure what would be kept by now on the validation photographs, and put the trained weights back."""
        px = images.pixels.shape[1]
        if self._validation is None or self._validation.pixels.shape[1] != px:
            self._validation = self.data.load("validation", self.task, px)
        trained = self.network.get_weights()
        self._use_average(images)
        logits = predict_logits(self.network, self._validation.pixels, self.architecture.scaling)
        self.history[-1] |= scores(logits, self._validation.labels, self.recipe.prior_exponent * self.log_prior)
        if self.recipe.keep_best and best_epoch(self.history) == self.history[-1]["epoch"]:
            partial = self._out / f"partial-{BEST}"
            self.network.save_weights(partial)
            os.replace(partial, self._out / BEST)
        self.network.set_weights(trained)

    def _use_average(self, images: LabelledImages) -> None:
        if self.recipe.averaging:
            self.model.optimizer.finalize_variable_values(self.model.trainable_variables)
            self.network.set_weights(self.network.get_weights())  # copies: JAX would give away the average's own arrays
        recalibrate(self.network, images.pixels[: self.recipe.recalibration_images], self.architecture.scaling)

    def _finish(self) -> keras.Model:
        """Load average or best, re-estimate batch norm at the serving size, fold the prior into the bias."""
        if self.recipe.keep_best and best_epoch(self.history):
            self.network.load_weights(self._out / BEST)
        else:
            order = np.random.default_rng(self.recipe.seed).permutation(len(self.data.train))
            chosen = [self.data.train[i] for i in order[: self.recipe.recalibration_images]]
            self._use_average(load_images(chosen, self.data.folder, self.task, self.recipe.serving_px))
        self._shift_bias(1)
        return self.network

    def _shift_bias(self, times: int) -> None:
        prior = times * self.recipe.prior_exponent * self.log_prior
        bias = self.network.get_layer(LOGITS).bias
        bias.assign(np.asarray(bias) + (prior[1:] - prior[:1] if self.architecture.sigmoid else prior))
