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
    flattening and dense layers with ReLU are linear as long as no unit switches on or off: with the units that are on
    held on, the gradient of a logit times the features of a place, summed over channels, is that place's share of the
    logit: HiResCAM (Draelos and Carin, 2020).
    A lone logit z, before a sigmoid, is for the second class, and -z for the first. TypeError if the head has any
    other layer.
    """
    from keras import layers, ops  # noqa: PLC0415 - seconds to import

    for layer in head:
        if not _is_linear(layer):
            raise TypeError(f"a {type(layer).__name__} is not linear, or not known to be")
    places = min(features.shape[1], BLOCKS)
    dense = [(layer, answer) for layer, answer in zip(head, answers, strict=True) if isinstance(layer, layers.Dense)]
    pooled = any(isinstance(layer, layers.GlobalAveragePooling2D) for layer in head)
    parts = _backwards(dense, _pooled(features, places)) if pooled else _forwards(_flat(features, places), dense)
    maps = ops.reshape(parts, (-1, places, places, parts.shape[-1]))
    return ops.concatenate([-maps, maps], axis=-1) if maps.shape[-1] == 1 else maps


def _is_linear(layer: Any) -> bool:
    """Tell whether a layer is linear as long as no unit of it switches on or off."""
    from keras import layers  # noqa: PLC0415 - as slow to import

    if isinstance(layer, layers.Dense):
        return layer.activation.__name__ in {"relu", "linear"}
    return isinstance(layer, (layers.GlobalAveragePooling2D, layers.Flatten, layers.Dropout))


def _backwards(dense: Sequence[tuple[Any, Any]], parts: Any) -> Any:
    """Lead the gradient of each logit back to the features, and multiply it with those of each place.

    `parts` (n, places, c) to (n, places, classes). It is the same for all places of a map that is pooled: a picture
    takes as many products of vectors with kernels as there are classes, and not as there are places. The kernels are
    held a second time, transposed; before a pooled map they are small.
    """
    from keras import ops  # noqa: PLC0415 - as slow to import

    last, _ = dense[-1]
    gradient = ops.expand_dims(ops.transpose(last.kernel), 0)  # (n, classes, units)
    for layer, answer in reversed(dense[:-1]):
        rows = ops.reshape(gradient * _on(layer, answer), (-1, layer.units))
        gradient = ops.reshape(ops.matmul(rows, ops.transpose(layer.kernel)), (-1, last.units, layer.kernel.shape[0]))
    return ops.matmul(parts, ops.transpose(gradient, (0, 2, 1)))


def _forwards(parts: Any, dense: Sequence[tuple[Any, Any]]) -> Any:
    """Lead the features of each place, (n, places, c), forwards to what they add to each logit, (n, places, classes).

    It takes the kernels as they are for the answer, so that a compiled network holds them once: after a map that is
    flattened they are most of it.
    """
    from keras import ops  # noqa: PLC0415 - as slow to import

    places = parts.shape[1]
    for layer, answer in dense:
        rows = ops.matmul(ops.reshape(parts, (-1, layer.kernel.shape[0])), layer.kernel)
        parts = ops.reshape(rows, (-1, places, layer.units)) * _on(layer, answer)
    return parts


def _on(layer: Any, answer: Any) -> Any:
    """Return 1 for the units of a dense layer that are on and 0 for the others, (n, 1, units); 1 without ReLU."""
    from keras import ops  # noqa: PLC0415 - as slow to import

    return ops.expand_dims(ops.cast(answer > 0, "float32"), 1) if layer.activation.__name__ == "relu" else 1.0


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
