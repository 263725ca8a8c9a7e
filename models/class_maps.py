"""How much each place of the last feature map speaks for each class: class maps, computed inside a network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

BLOCKS = 8  # a side, at most: a larger feature map is read in so many blocks


def class_maps(head: Sequence[Any], answers: Sequence[Any], features: Any) -> Any:
    """Return what each place of `features` (n, h, w, c) adds to each logit, (n, places, places, classes).

    `head` is the chain of Keras layers from features to logits, `answers` what each of them answers. Pooling,
    flattening and dense layers with ReLU are linear as long as no unit switches on or off: so the head, without its
    biases and with the units that are on held on, takes the features of one place and gives that place's share of
    the logits. That is the gradient times the features, summed over channels: HiResCAM (Draelos and Carin, 2020).
    It is computed forwards, with the same kernels as the answer, so that a compiled network holds them once.
    A lone logit z, before a sigmoid, is for the second class, and -z for the first. TypeError if the head has any
    other layer.
    """
    from keras import layers, ops  # noqa: PLC0415 - seconds to import

    places = min(features.shape[1], BLOCKS)
    parts: Any = None
    for layer, answer in zip(head, answers, strict=True):
        if isinstance(layer, layers.GlobalAveragePooling2D):
            parts = _pooled(features, places)
        elif isinstance(layer, layers.Flatten):
            parts = _flat(features, places)
        elif isinstance(layer, layers.Dense) and layer.activation.__name__ in {"relu", "linear"}:
            parts = ops.matmul(ops.reshape(parts, (-1, layer.kernel.shape[0])), layer.kernel)
            parts = ops.reshape(parts, (-1, places * places, layer.units))
            if layer.activation.__name__ == "relu":
                parts = parts * ops.expand_dims(ops.cast(answer > 0, "float32"), 1)
        elif not isinstance(layer, layers.Dropout):
            raise TypeError(f"a {type(layer).__name__} is not linear, or not known to be")
    maps = ops.reshape(parts, (-1, places, places, parts.shape[-1]))
    return ops.concatenate([-maps, maps], axis=-1) if maps.shape[-1] == 1 else maps


def block_shares(side: int, blocks: int) -> npt.NDArray[np.float32]:
    """Return how much of each row of a map belongs to each block of rows, (blocks, side); columns sum to 1."""
    edges = np.linspace(0, side, blocks + 1)
    rows = np.arange(side)
    overlap = np.minimum(edges[1:, None], rows + 1) - np.maximum(edges[:-1, None], rows)
    shares: npt.NDArray[np.float32] = np.maximum(overlap, 0).astype(np.float32)
    return shares


def _shares(features: Any, places: int) -> npt.NDArray[np.float32]:
    """Return how much of each place of a map belongs to each block, (places * places, h * w)."""
    _, height, width, _ = features.shape
    shares: npt.NDArray[np.float32] = np.kron(block_shares(height, places), block_shares(width, places))
    return shares


def _pooled(features: Any, places: int) -> Any:
    """Return the mean over a map with all but one block set to zero, for each block: (n, blocks, c)."""
    from keras import ops  # noqa: PLC0415 - as slow to import

    _, height, width, channels = features.shape
    flat = ops.reshape(features, (-1, height * width, channels)) / (height * width)
    return flat if places == height == width else ops.matmul(_shares(features, places), flat)


def _flat(features: Any, places: int) -> Any:
    """Return a flattened map with all but one block set to zero, for each block: (n, blocks, h * w * c)."""
    from keras import ops  # noqa: PLC0415 - as slow to import

    _, height, width, channels = features.shape
    flat = ops.reshape(features, (-1, 1, height * width, channels))
    kept = _shares(features, places)[np.newaxis, :, :, np.newaxis]
    return ops.reshape(flat * kept, (-1, places * places, height * width * channels))
