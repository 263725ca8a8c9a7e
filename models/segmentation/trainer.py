"""The training loop of the outlining network: seeded, resumable to the step, the same on every Keras back-end."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import ops
from tqdm import tqdm

from models.preprocessing import scale
from models.segmentation.architecture import BACKBONE, build_outliner, load_encoder
from models.segmentation.data import Pairs, load_pairs
from models.segmentation.views import PairedView
from models.training.augmentation import AUGMENTATIONS
from models.training.batch_norm import fused, recalibrate
from models.training.checkpoint import Checkpoint
from models.training.loop import CHECKPOINT_SECONDS
from models.training.optimization import build_optimizer
from models.training.recipes import Recipe
from models.training.splits import Photograph, SplitError

SMOOTHING = 1.0  # pixels, added to both sides of the Dice quotient, which an empty lesion would leave undefined


@dataclass(frozen=True, slots=True)
class OutlinedPhotographs:
    """What training may see: photographs for training and validation, and the folder of them and their outlines."""

    train: Sequence[Photograph]
    validation: Sequence[Photograph]
    folder: Path


def dice_and_entropy(lesions: Any, logits: Any) -> Any:
    """Return binary cross-entropy plus one minus the Dice coefficient, each a mean over photographs.

    Both (n, px, px, 1), lesions in [0, 1]. The Dice loss is that of Milletari et al. (3DV 2016), of probabilities.
    """
    shares = ops.sigmoid(logits)
    common = 2 * ops.sum(shares * lesions, axis=(1, 2, 3)) + SMOOTHING
    dice = common / (ops.sum(shares, axis=(1, 2, 3)) + ops.sum(lesions, axis=(1, 2, 3)) + SMOOTHING)
    entropy = ops.mean(ops.binary_crossentropy(lesions, logits, from_logits=True))
    return entropy + 1 - ops.mean(dice)


class OutlineTrainer:
    """Trains the outlining network by one recipe, and picks up its last checkpoint if asked to."""

    def __init__(self, recipe: Recipe, data: OutlinedPhotographs, out: Path, *, init: Path | None = None) -> None:
        """Build the network and what trains it; for `init` see `load_encoder`. SplitError below one batch."""
        if len(data.train) < recipe.batch:
            raise SplitError(f"{len(data.train)} photographs are too few for batches of {recipe.batch}")
        keras.utils.set_random_seed(recipe.seed)
        self.recipe, self.data = recipe, data
        self.network = fused(build_outliner(None))
        self.steps_per_epoch = len(data.train) // recipe.batch
        self.history: list[dict[str, float]] = []
        self.step = 0
        self._checkpoint = Checkpoint(out)
        if init is not None:
            load_encoder(self.network, init)
        self._compile()

    def resume(self) -> bool:
        """Go back to the last checkpoint; False if there is none."""
        state = self._checkpoint.load(self._variables())
        if state is None:
            return False
        self.step, self.history = state.step, state.history
        return True

    def run(self) -> keras.Model:
        """Train to the end of the recipe and return the averaged network, its batch norm re-estimated."""
        pairs: Pairs | None = None
        with tqdm(
            total=self.recipe.epochs * self.steps_per_epoch, initial=self.step, unit="step", smoothing=0.05
        ) as bar:
            for epoch in range(self.step // self.steps_per_epoch, self.recipe.epochs):
                px = self.recipe.px_at(epoch)
                if pairs is None or pairs.shape[1] != px:
                    pairs = load_pairs(self.data.train, self.data.folder, px)
                self._epoch(epoch, pairs, bar)
        self._use_average(load_pairs(self._recalibrating(), self.data.folder, self.recipe.serving_px))
        return self.network

    def _compile(self) -> None:
        view = PairedView(AUGMENTATIONS[self.recipe.augmentation], self.recipe.seed, name="view")
        pairs = keras.Input((None, None, 4), dtype="uint8")
        photographs, lesions = view(pairs)
        logits = self.network(scale(photographs, BACKBONE.scaling))
        self.model = keras.Model(pairs, ops.concatenate([logits, lesions], axis=-1))
        optimizer = build_optimizer(self.recipe, self.recipe.epochs * self.steps_per_epoch)
        self.model.compile(optimizer=optimizer, loss=_of_both, jit_compile=keras.backend.backend() == "jax")
        optimizer.build(self.model.trainable_variables)

    def _variables(self) -> list[Any]:
        return [*self.model.variables, *self.model.optimizer.variables]

    def _epoch(self, epoch: int, pairs: Pairs, bar: Any) -> None:
        losses, last_saved = [], time.monotonic()
        for batch in self._batches(epoch, pairs):
            losses.append(float(self.model.train_on_batch(batch, np.zeros((len(batch), 1), np.float32))))
            self.step += 1
            bar.update()
            bar.set_postfix(epoch=epoch + 1, loss=f"{np.mean(losses[-50:]):.3f}", refresh=False)
            ended = self.step % self.steps_per_epoch == 0  # then it is saved below, with its entry in the curve
            if not ended and time.monotonic() - last_saved > CHECKPOINT_SECONDS:
                self._save()
                last_saved = time.monotonic()
        self.history.append({"epoch": epoch + 1, "px": pairs.shape[1], "loss": float(np.mean(losses))})
        if (epoch + 1) % self.recipe.validate_every == 0:
            self._validate(pairs)
            bar.write(json.dumps(self.history[-1]))
        self._save()

    def _batches(self, epoch: int, pairs: Pairs) -> Iterator[Pairs]:
        """Yield what is left of an epoch, in its own seeded order."""
        order = np.random.default_rng((self.recipe.seed, epoch)).permutation(len(pairs))
        done = self.step - epoch * self.steps_per_epoch
        for i in range(done, self.steps_per_epoch):
            yield pairs[order[i * self.recipe.batch : (i + 1) * self.recipe.batch]]

    def _save(self) -> None:
        self._checkpoint.save(self._variables(), self.step, self.history)

    def _validate(self, pairs: Pairs) -> None:
        """Measure what would be kept by now on validation photographs, and put the trained weights back."""
        held_out = load_pairs(self.data.validation, self.data.folder, pairs.shape[1])
        trained = self.network.get_weights()
        self._use_average(pairs)
        found = predict_shares(self.network, held_out[..., :3]) > 0.5  # noqa: PLR2004 - more lesion than skin
        inside = held_out[..., 3] > 127  # noqa: PLR2004 - half of 255: masks are black and white
        self.history[-1]["validation_jaccard"] = float(np.mean(_jaccard(found, inside)))
        self.network.set_weights(trained)

    def _use_average(self, pairs: Pairs) -> None:
        self.model.optimizer.finalize_variable_values(self.model.trainable_variables)
        self.network.set_weights(self.network.get_weights())  # copies: JAX would give away the average's own arrays
        recalibrate(self.network, pairs[: self.recipe.recalibration_images, ..., :3], BACKBONE.scaling)

    def _recalibrating(self) -> list[Photograph]:
        order = np.random.default_rng(self.recipe.seed).permutation(len(self.data.train))
        return [self.data.train[i] for i in order[: self.recipe.recalibration_images]]


def predict_shares(network: keras.Model, pixels: npt.NDArray[np.uint8], batch: int = 64) -> npt.NDArray[np.float32]:
    """Return how sure the network is of a lesion at each place, (n, px, px) in [0, 1], of squares (n, px, px, 3)."""
    parts = [
        network.predict_on_batch(scale(pixels[start : start + batch].astype(np.float32), BACKBONE.scaling))
        for start in range(0, len(pixels), batch)
    ]
    logits = np.concatenate([np.asarray(part)[..., 0] for part in parts])
    shares: npt.NDArray[np.float32] = 1 / (1 + np.exp(-logits))
    return shares


def _of_both(_nothing: Any, both: Any) -> Any:
    """Return the loss of logits and lesions that come side by side: they are moved in one step, inside the model."""
    return dice_and_entropy(both[..., 1:], both[..., :1])


def _jaccard(found: npt.NDArray[np.bool_], drawn: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    common, either = (found & drawn).sum(axis=(1, 2)), (found | drawn).sum(axis=(1, 2))
    ratio: npt.NDArray[np.float64] = common / np.maximum(either, 1)
    return ratio
