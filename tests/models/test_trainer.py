"""The trainer: sources' recipes, frozen layers, the best epoch, and every Keras back-end alike."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from models.architectures import ARCHITECTURES
from models.labels import BINARY, HAM7
from models.training import splits
from models.training.data import mixed
from models.training.loop import Trainer, TrainingData
from models.training.optimization import build_optimizer
from models.training.recipes import RECIPES, Recipe, Stage
from models.training.source_recipes import SOURCE_RECIPES, recipe_for

SHORT = replace(RECIPES["smoke"], stages=(Stage(32, 1),), validate_every=1)


def test_every_network_has_its_sources_recipe() -> None:
    assert set(ARCHITECTURES) - set(SOURCE_RECIPES) == {"efficientnetlite0"}  # which no source has trained on lesions


def test_the_alexnet_source_is_followed() -> None:
    recipe = recipe_for("source", ARCHITECTURES["alexnet"])

    assert (recipe.epochs, recipe.rate, recipe.halve_after, recipe.keep_best) == (50, 1e-4, 3, True)
    assert isinstance(build_optimizer(recipe, 100), keras.optimizers.Adam)


def test_the_resnet50_source_is_followed() -> None:
    recipe = recipe_for("source", ARCHITECTURES["resnet50"])

    assert (recipe.epochs, recipe.batch, recipe.rate, recipe.l2, recipe.stop_after > 0) == (20, 64, 1e-4, 0.01, True)


def test_a_network_of_one_size_is_trained_at_that_size() -> None:
    recipe = recipe_for("ours", ARCHITECTURES["cnn64"])

    assert recipe.stages == (Stage(128, 26),)
    assert recipe.serving_px == 128


def test_the_rate_rises_over_the_warm_up_and_falls_along_a_cosine() -> None:
    recipe = Recipe(stages=(Stage(32, 1),), rate=1e-3, final_rate=1e-5, warm_up=10)

    schedule = build_optimizer(recipe, 110)._learning_rate

    rates = [float(schedule(step)) for step in (0, 10, 60, 110)]
    np.testing.assert_allclose(rates, [1e-5, 1e-3, 5.05e-4, 1e-5], rtol=1e-3)


def test_mixed_pictures_have_mixed_labels() -> None:
    pixels = np.stack([np.zeros((4, 4, 3), np.uint8), np.full((4, 4, 3), 200, np.uint8)])
    labels = np.eye(2, dtype=np.float32)

    blended, shares = mixed(pixels, labels, 0.4, np.random.default_rng(3))

    np.testing.assert_allclose(blended[:, 0, 0, 0], 200 * shares[:, 1], atol=0.5)
    assert np.all(shares.max(axis=1) >= 0.5)
    np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-6)


@pytest.fixture
def data(drawn: Path) -> TrainingData:
    return TrainingData(*splits.for_training(str(drawn / "drawn.csv"), HAM7), drawn)


def test_the_best_epoch_is_what_is_kept(data: TrainingData, tmp_path: Path) -> None:
    recipe = replace(SHORT, stages=(Stage(32, 3),), keep_best=True, averaging=0.0, recalibration_images=0)
    trainer = Trainer(ARCHITECTURES["mobilenetv2"], HAM7, recipe, data, tmp_path)

    network = trainer.run()

    best = max(entry["validation_accuracy"] for entry in trainer.history)
    trainer.history.append({"epoch": 4})
    network.get_layer("logits").bias.assign(
        network.get_layer("logits").bias - recipe.prior_exponent * trainer.log_prior
    )
    trainer._validate(data.load("train", HAM7, 32))
    assert trainer.history[-1]["validation_accuracy"] == best


def test_pretrained_early_layers_can_be_kept_as_they_are(data: TrainingData, tmp_path: Path) -> None:
    architecture = ARCHITECTURES["mobilenetv2"]
    donor = architecture.backbone(keras.Input((None, None, 3)))
    donor.save_weights(tmp_path / "donor.weights.h5")
    recipe = replace(SHORT, frozen_until="block_2_add")
    trainer = Trainer(architecture, HAM7, recipe, data, tmp_path, init=tmp_path / "donor.weights.h5")

    network = trainer.run()

    kept, changed = (network.get_layer(name).get_weights()[0] for name in ("block_2_project", "block_3_expand"))
    np.testing.assert_array_equal(kept, donor.get_layer("block_2_project").get_weights()[0])
    assert not np.array_equal(changed, donor.get_layer("block_3_expand").get_weights()[0])


def test_too_few_photographs_for_a_batch_are_refused(data: TrainingData, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="28 photographs are too few for batches of 64"):
        Trainer(ARCHITECTURES["mobilenetv2"], HAM7, replace(SHORT, batch=64), data, tmp_path)


def test_a_sigmoid_network_learns_two_classes(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    architecture = replace(ARCHITECTURES["cnn6m"], px=32)
    recipe = replace(SHORT, stages=(Stage(32, 1),), rate=1e-3, final_rate=1e-3, averaging=0.0, augmentation="none")
    photographs = [splits.Photograph(f"p{i}", f"l{i}", BINARY.codes[i % 2], "train") for i in range(16)]
    trainer = Trainer(architecture, BINARY, recipe, TrainingData(photographs, [], tmp_path), tmp_path)
    pixels = rng.integers(0, 256, (16, 32, 32, 3), dtype=np.uint8)
    labels = np.eye(2, dtype=np.float32)[[i % 2 for i in range(16)]]

    losses = [float(trainer.model.train_on_batch(pixels, labels)) for _ in range(60)]

    assert losses[-1] < 0.3 < losses[0]
