"""``python -m models backbone``: a backbone that PyTorch saved, as the weights file that `train --init` takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.architectures import ARCHITECTURES
from models.architectures.base import ArchitectureError

Array = npt.NDArray[np.float32]

NORM = ("weight", "bias", "running_mean", "running_var")  # in Keras's order: gamma, beta, mean, variance


def convert(name: str, source: Path, out: Path) -> None:
    """Write the backbone of an architecture, that PyTorch saved as a state dict, to `out`: a ``.weights.h5`` file.

    Needs PyTorch, which nothing else here does. ArchitectureError if it is missing, if there is no such architecture,
    or the file's layers are not its layers.
    """
    try:
        import torch  # noqa: PLC0415 - is not among the requirements
    except ImportError as error:
        raise ArchitectureError("reading what PyTorch saved needs PyTorch: pip install torch") from error
    import keras  # noqa: PLC0415 - seconds to import

    if name not in ARCHITECTURES:
        raise ArchitectureError(f"there is no architecture {name}: choose one of {', '.join(ARCHITECTURES)}")
    backbone = ARCHITECTURES[name].backbone(keras.Input((None, None, 3)))
    state = torch.load(source, map_location="cpu", weights_only=True)  # which runs nothing that is in the file
    fill(backbone, {key: np.asarray(value) for key, value in state.items()})
    backbone.save_weights(out)


def fill(backbone: Any, state: Mapping[str, Array]) -> None:
    """Give each layer of a backbone its weights, in the order of both; what follows the last layer is left.

    Kernels are (out, in, h, w) there and (h, w, in, out) here. ArchitectureError if shapes differ.
    """
    theirs = _layers(state)
    for layer in backbone.layers:
        if not layer.weights:
            continue
        name, weights = next(theirs, ("nothing", []))
        found, wanted = [w.shape for w in weights], [tuple(w.shape) for w in layer.weights]
        if found != wanted:
            raise ArchitectureError(f"{layer.name} has weights of {wanted}, and {name} of {found}")
        layer.set_weights(weights)


def _layers(state: Mapping[str, Array]) -> Iterator[tuple[str, list[Array]]]:
    """Yield name and weights of each layer, as Keras would have them."""
    names = dict.fromkeys(key.rpartition(".")[0] for key in state)
    for name in names:
        if f"{name}.running_mean" in state:
            yield name, [state[f"{name}.{part}"] for part in NORM]
        else:
            yield name, [_kernel(state[f"{name}.weight"])]


def _kernel(weight: Array) -> Array:
    if weight.ndim != 4:  # noqa: PLR2004 - a dense layer: the head
        return weight
    alone = weight.shape[1] == 1  # each channel is convolved by itself: Keras has these as (h, w, channels, 1)
    return weight.transpose(2, 3, 0, 1) if alone else weight.transpose(2, 3, 1, 0)
