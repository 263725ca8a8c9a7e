"""Batch norm while training: in one operation where there is one, and its statistics estimated anew at the end."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import ops

from models.preprocessing import scale

OF_MAPS = 4  # dimensions: photograph, row, column, channel


class BatchNormalization(keras.layers.BatchNormalization):  # type: ignore[misc]  # Keras is untyped
    """Keras's layer over the channels of maps (n, h, w, c), trained by TensorFlow's one operation for it.

    Keras puts it together of several, each of which goes through memory once more, and takes bfloat16 up to float32
    before the first of them (docs/decisions/0059). It keeps its name, by which files of weights address it.
    """

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Return normalised maps; while training, by their own statistics, which move those of the layer."""
        if mask is not None or not (training and self.trainable):
            return super().call(inputs, training=training, mask=mask)
        import tensorflow as tf  # noqa: PLC0415 - only where it is the back-end

        maps, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
            x=inputs,
            scale=ops.cast(self.gamma, "float32") if self.scale else tf.ones(inputs.shape[-1]),
            offset=ops.cast(self.beta, "float32") if self.center else tf.zeros(inputs.shape[-1]),
            mean=[],
            variance=[],
            epsilon=self.epsilon,
        )
        n = ops.cast(ops.prod(ops.shape(inputs)[:-1]), "float32")
        self._move(self.moving_mean, mean)
        self._move(self.moving_variance, variance * (n - 1) / n)  # it answers the estimate for a population
        return maps

    def _move(self, statistic: Any, towards: Any) -> None:
        statistic.assign(statistic * self.momentum + towards * (1 - self.momentum))


def fused(network: keras.Model) -> keras.Model:
    """Return the network with this `BatchNormalization` wherever it fits, and the same weights.

    On other back-ends than TensorFlow it is the network as it was: JAX compiles all of a step anyway.
    """
    if keras.backend.backend() != "tensorflow":
        return network
    copy = keras.models.clone_model(network, clone_function=_fused)
    copy.set_weights(network.get_weights())
    return copy


def _fused(layer: keras.layers.Layer) -> keras.layers.Layer:
    plain = type(layer) is keras.layers.BatchNormalization and layer.axis in (-1, OF_MAPS - 1)
    fits = plain and len(layer.input.shape) == OF_MAPS and not (layer.renorm or layer.synchronized)
    chosen = BatchNormalization if fits else type(layer)
    return chosen.from_config(layer.get_config())


def recalibrate(network: keras.Model, pixels: npt.NDArray[np.uint8], scaling: str, batch: int = 64) -> None:
    """Set the moving statistics of every batch norm to plain means over `pixels` (n, px, px, 3)."""
    norms = [layer for layer in network.layers if isinstance(layer, keras.layers.BatchNormalization)]
    momenta = [norm.momentum for norm in norms]
    for i, start in enumerate(range(0, len(pixels), batch)):
        for norm in norms:
            norm.momentum = i / (i + 1)
        network(scale(pixels[start : start + batch].astype(np.float32), scaling), training=True)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
