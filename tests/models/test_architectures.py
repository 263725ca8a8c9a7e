"""Every network of the literature is built as its source counts it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

from models.architectures import ARCHITECTURES, build_network
from models.architectures.base import EMBEDDING, FEATURES, LOGITS, load_backbone

# name, classes -> parameters of the whole network, of the parts that its source names
WHOLE = {
    ("resnet50", 7): 23_587_712 + 2_098_176 + 7_175,
    ("resnet50", 2): 23_587_712 + 2_098_176 + 2_050,
    ("inceptionv3", 7): 21_802_784 + 2_098_176 + 7_175,
    ("mobilenetv2", 7): 2_257_984 + 1_311_744 + 7_175,
    ("efficientnetlite0", 7): 4_652_008 + 42_016 - 1_281_000 + 1_311_744 + 7_175,
    ("cnn6m", 2): 6_427_745,
    ("cnn3m", 2): 2_797_665,
    ("alexnet", 2): 3_747_200 + 26_218_496 + 16_781_312 + 8_194,
    ("cnn64", 2): 112_576 + 131_072 * 64 + 64 + 130,
}


built = lru_cache(lambda name, classes: build_network(ARCHITECTURES[name], classes))


@pytest.mark.parametrize(("name", "classes"), WHOLE, ids=str)
def test_it_has_as_many_parameters_as_its_source_says(name: str, classes: int) -> None:
    network = built(name, classes)

    assert network.count_params() == WHOLE[name, classes]


def test_alexnet_flattens_five_by_five_by_256() -> None:
    network = built("alexnet", 2)

    assert network.get_layer(FEATURES).output.shape[1:] == (5, 5, 256)
    assert network.get_layer("flat").output.shape[1:] == (6400,)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_its_parts_can_be_found_by_name(name: str) -> None:
    architecture = ARCHITECTURES[name]

    network = built(name, 2)

    assert len(network.get_layer(FEATURES).output.shape) == 4
    assert len(network.get_layer(EMBEDDING).output.shape) == 2
    assert network.get_layer(LOGITS).output.shape[-1] == (1 if architecture.sigmoid else 2)
    assert len(network.get_layer(architecture.middle_layer).output.shape) == 4


def test_a_sigmoid_network_does_not_pretend_to_know_seven_classes() -> None:
    with pytest.raises(ValueError, match="tells two classes apart, not 7"):
        build_network(ARCHITECTURES["cnn6m"], 7)


@pytest.mark.parametrize("name", ["mobilenetv2", "cnn3m"])
def test_backbone_weights_are_loaded_layer_by_layer(name: str, tmp_path: Path) -> None:
    import keras

    architecture = ARCHITECTURES[name]
    keras.utils.set_random_seed(1)
    donor = architecture.backbone(keras.Input((architecture.px, architecture.px, 3)))
    path = tmp_path / "donor.weights.h5"
    donor.save_weights(path)
    network = build_network(architecture, 2)

    load_backbone(network, architecture, str(path))

    ours = [weights for layer in network.layers for weights in layer.get_weights()]
    for expected, found in zip(donor.get_weights(), ours, strict=False):
        np.testing.assert_array_equal(found, expected)
