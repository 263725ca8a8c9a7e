"""What is shown of where a network looked is the gradient of its answer, whatever head it has."""

from __future__ import annotations

import numpy as np
import pytest

from models.architectures import Architecture, build_network
from models.architectures.alexnet import head as two_dense_head
from models.architectures.base import pooled_head
from models.architectures.cnn import head as flat_head
from models.class_maps import block_shares, class_maps
from models.keras_engine import with_explanation

CLASSES = 3
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras, of TensorFlow


def head_with_biases(head, side: int):
    """A head on features (n, side, side, 5), with biases that are not zero."""
    import keras

    keras.utils.set_random_seed(0)
    features = keras.Input((side, side, 5))
    network = keras.Model(features, head(features, CLASSES, None))
    network.set_weights([np.random.default_rng(i).normal(size=w.shape) for i, w in enumerate(network.get_weights())])
    return network


def maps_and_gradients(head, side: int):
    """Class maps of a head on random features (2, side, side, 5), and gradient times features for each class."""
    import keras
    import tensorflow as tf

    network = head_with_biases(head, side)
    layers = network.layers[1:]
    maps = keras.Model(network.input, class_maps(layers, [layer.output for layer in layers], network.input))
    features = tf.constant(np.random.default_rng(9).normal(size=(2, side, side, 5)).astype(np.float32))
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(features)
        logits = tf.unstack(network(features), axis=1)
    gradients = [tf.reduce_sum(tape.gradient(logit, features) * features, axis=-1) for logit in logits]
    return maps(features).numpy(), np.stack(gradients, axis=-1)


@pytest.mark.parametrize("head", [pooled_head, flat_head, two_dense_head])
def test_a_class_map_is_the_gradient_times_the_features(head) -> None:
    maps, gradients = maps_and_gradients(head, side=3)

    np.testing.assert_allclose(maps, gradients, atol=1e-4 * np.abs(gradients).max())


@pytest.mark.parametrize("head", [pooled_head, flat_head])
def test_a_large_map_is_read_in_blocks_that_leave_nothing_out(head) -> None:
    maps, gradients = maps_and_gradients(head, side=11)

    assert maps.shape == (2, 8, 8, CLASSES)
    scale = np.abs(gradients).sum()
    np.testing.assert_allclose(maps.sum(axis=(1, 2)), gradients.sum(axis=(1, 2)), atol=1e-6 * scale)


@pytest.mark.parametrize("side", [8, 11, 26, 56])
def test_every_row_belongs_to_its_blocks_once(side: int) -> None:
    shares = block_shares(side, 8)

    np.testing.assert_allclose(shares.sum(axis=0), 1, rtol=1e-5)
    np.testing.assert_allclose(shares.sum(axis=1), side / 8, rtol=1e-5)


def test_a_head_that_is_not_linear_is_refused() -> None:
    import keras

    features = keras.Input((3, 3, 5))

    with pytest.raises(TypeError, match="BatchNormalization"):
        class_maps([keras.layers.BatchNormalization()], [features], features)


def test_a_lone_logit_speaks_for_the_second_class_and_against_the_first() -> None:
    import keras

    def backbone(inputs):
        return keras.Model(inputs, keras.layers.Conv2D(4, 3, activation="relu", name="conv")(inputs))

    architecture = Architecture("tiny", "Tiny", "unit", "conv", backbone, flat_head, px=8, sigmoid=True)
    network = build_network(architecture, 2)
    squares = np.random.default_rng(0).random((3, 8, 8, 3)).astype(np.float32)

    answers = with_explanation([network], 8, "unit", ["conv"], views=4)(squares)

    logits, maps = np.asarray(answers["logits"]), np.asarray(answers["class_maps"])
    np.testing.assert_array_equal(logits[:, 0], 0)
    np.testing.assert_allclose(np.asarray(answers["view_logits"])[:, 0, 1:], np.asarray(network(squares)), rtol=1e-4)
    np.testing.assert_allclose(np.asarray(answers["view_logits"]).mean(axis=1), logits, rtol=1e-4)
    np.testing.assert_array_equal(maps[..., 0], -maps[..., 1])
    assert np.abs(maps).max() > 0
