"""A backbone that PyTorch saved becomes Keras's: each weight in its place."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from models.__main__ import main
from models.architectures import ARCHITECTURES
from models.architectures.base import ArchitectureError
from models.training.torch_backbone import NORM, convert, fill

ALONE = "depthwise"


def backbone():
    import keras

    return ARCHITECTURES["efficientnetlite0"].backbone(keras.Input((None, None, 3)))


def saved(network) -> dict[str, np.ndarray]:
    """Return the weights of a network as PyTorch would name and turn them, with the head that follows there."""
    state: dict[str, np.ndarray] = {}
    for i, layer in enumerate(network.layers):
        weights = layer.get_weights()
        if len(weights) == len(NORM):
            state |= {f"layer{i}.{part}": weight for part, weight in zip(NORM, weights, strict=True)}
            state[f"layer{i}.num_batches_tracked"] = np.array(7)
        elif weights:
            axes = (2, 3, 0, 1) if ALONE in layer.name else (3, 2, 0, 1)
            state[f"layer{i}.weight"] = weights[0].transpose(axes)
    return state | {"fc.weight": np.zeros((1000, 1280)), "fc.bias": np.zeros(1000)}


@pytest.fixture(scope="module")
def donor():
    import keras

    keras.utils.set_random_seed(3)
    made = backbone()
    made.set_weights([weight + np.random.default_rng(0).random(weight.shape) for weight in made.get_weights()])
    return made


def test_every_layer_gets_the_weights_that_stand_in_its_place(donor) -> None:
    network = backbone()

    fill(network, saved(donor))

    for expected, found in zip(donor.get_weights(), network.get_weights(), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_weights_of_another_network_are_refused_and_the_layer_is_named(donor) -> None:
    state = saved(donor)
    state["layer1.weight"] = state["layer1.weight"][:16]

    with pytest.raises(ArchitectureError, match=r"stem_conv has weights of .*\(3, 3, 3, 32\).* and layer1 of"):
        fill(backbone(), state)


def test_too_few_layers_are_refused() -> None:
    with pytest.raises(ArchitectureError, match="and nothing of"):
        fill(backbone(), {})


def test_the_command_reads_what_pytorch_saved_as_data_only(
    donor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {}

    def load(source: Path, **how: object) -> dict[str, np.ndarray]:
        asked.update(how, source=source)
        return saved(donor)

    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(load=load))
    out = tmp_path / "backbone.weights.h5"

    assert main(["backbone", "efficientnetlite0", "--source", str(tmp_path / "it.pth"), "--out", str(out)]) == 0

    assert asked == {"source": tmp_path / "it.pth", "map_location": "cpu", "weights_only": True}
    network = backbone()
    network.load_weights(out)
    for expected, found in zip(donor.get_weights(), network.get_weights(), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_an_architecture_that_there_is_not_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace())

    with pytest.raises(ArchitectureError, match="there is no architecture lenet"):
        convert("lenet", tmp_path / "it.pth", tmp_path / "out.weights.h5")


def test_without_pytorch_it_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)

    with pytest.raises(ArchitectureError, match="needs PyTorch"):
        convert("efficientnetlite0", tmp_path / "it.pth", tmp_path / "out.weights.h5")
