"""Batch norm in one operation: what Keras's own layer answers, learns and remembers, and the same files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from models.training.batch_norm import BatchNormalization, fused

CHANNELS = 8
Weights = list[np.ndarray[Any, Any]]


def network_of(*layers: keras.layers.Layer) -> keras.Model:
    network = keras.Sequential([keras.Input((None, None, CHANNELS)), *layers])
    rng = np.random.default_rng(1)
    network.set_weights([rng.uniform(0.5, 2, weight.shape) for weight in network.weights])
    return keras.Model(network.inputs, network.outputs)


def maps() -> Any:
    return tf.constant(np.random.default_rng(2).normal(3, 2, (4, 5, 7, CHANNELS)), tf.float32)


def trained(network: keras.Model) -> tuple[Any, Weights, Weights]:
    """Return what it answers while training, the gradients of a loss, and the weights after a look."""
    seen = maps()
    with tf.GradientTape() as tape:
        tape.watch(seen)
        answered = network(seen, training=True)
        loss = tf.reduce_sum(answered**3)
    gradients = tape.gradient(loss, [seen, *network.trainable_variables])
    return answered.numpy(), [gradient.numpy() for gradient in gradients], network.get_weights()


@pytest.mark.parametrize("scale", [True, False])
@pytest.mark.parametrize("center", [True, False])
def test_it_answers_learns_and_remembers_as_keras_does(scale: bool, center: bool) -> None:
    plain = network_of(keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-2, scale=scale, center=center))
    one = fused(plain)

    theirs, ours = trained(plain), trained(one)

    assert isinstance(one.layers[-1], BatchNormalization)
    np.testing.assert_allclose(ours[0], theirs[0], rtol=1e-4, atol=1e-4)
    for expected, found in zip(theirs[1] + theirs[2], ours[1] + ours[2], strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("training", [True, False])
def test_a_frozen_layer_and_one_that_serves_go_by_what_is_remembered(training: bool) -> None:
    plain = network_of(keras.layers.BatchNormalization())
    one = fused(plain)
    one.trainable = not training
    before = one.get_weights()

    np.testing.assert_allclose(one(maps(), training=training), plain(maps(), training=False), rtol=1e-5)
    for expected, found in zip(before, one.get_weights(), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_half_the_width_is_for_maps_alone_and_not_for_what_is_remembered() -> None:
    one = fused(network_of(keras.layers.BatchNormalization(dtype="mixed_bfloat16")))

    answered, _, after = trained(one)

    assert answered.dtype == tf.bfloat16.as_numpy_dtype
    assert {weight.dtype for weight in after} == {np.dtype(np.float32)}


def test_files_of_weights_are_those_of_the_plain_network(tmp_path: Path) -> None:
    plain = network_of(keras.layers.Conv2D(CHANNELS, 1), keras.layers.BatchNormalization(), keras.layers.ReLU())
    one = fused(plain)
    one.set_weights([weight + 1 for weight in one.get_weights()])

    one.save_weights(tmp_path / "one.weights.h5")
    plain.load_weights(tmp_path / "one.weights.h5")

    for expected, found in zip(one.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_what_is_no_batch_norm_of_maps_stays_as_it_is() -> None:
    inputs = keras.Input((CHANNELS,))
    vectors = keras.Model(inputs, keras.layers.BatchNormalization()(inputs))

    assert type(fused(vectors).layers[-1]) is keras.layers.BatchNormalization


def test_other_back_ends_keep_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    network = network_of(keras.layers.BatchNormalization())
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")

    assert fused(network) is network
