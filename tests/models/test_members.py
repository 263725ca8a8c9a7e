"""Two networks as one classifier: each answers for half of the views."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.architectures import ARCHITECTURES, build_network
from models.architectures.base import Architecture
from models.architectures.cnn import head as flat_head
from models.card import CardError, read_card, read_verified, sha256, weights_file, write_card
from models.keras_engine import served_network, with_explanation
from models.training.join import join
from models.views import VIEWS, shares
from tests.models.conftest import CODES, NAME

PX = 8


def tiny_network():
    import keras

    def backbone(inputs):
        return keras.Model(inputs, keras.layers.Conv2D(4, 3, activation="relu", name="conv")(inputs))

    return build_network(Architecture("tiny", "Tiny", "unit", "conv", backbone, flat_head, px=PX), len(CODES))


def of(network, squares: np.ndarray, view: int) -> np.ndarray:
    return np.asarray(network(VIEWS[view].of(squares, "unit")))


def test_every_view_is_answered_by_the_network_whose_share_it_is() -> None:
    first, second = tiny_network(), tiny_network()
    squares = np.random.default_rng(0).random((3, PX, PX, 3)).astype(np.float32)

    answers = with_explanation([first, second], PX, "unit", ["conv", "conv"], views=8)(squares)

    of_first, of_second = shares(8, 2)
    expected = np.stack([of(first if i in of_first else second, squares, i) for i in range(8)], axis=1)
    np.testing.assert_allclose(np.asarray(answers["view_logits"]), expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(np.asarray(answers["logits"]), expected.mean(axis=1), rtol=1e-4, atol=1e-5)
    assert sorted((*of_first, *of_second)) == list(range(8))


def test_what_is_known_of_both_networks_stands_side_by_side_and_the_maps_are_averaged() -> None:
    network = tiny_network()
    squares = np.random.default_rng(1).random((2, PX, PX, 3)).astype(np.float32)

    one = with_explanation([network], PX, "unit", ["conv"], views=8)(squares)
    two = with_explanation([network, network], PX, "unit", ["conv", "conv"], views=8)(squares)

    np.testing.assert_allclose(np.asarray(two["class_maps"]), np.asarray(one["class_maps"]), rtol=1e-3, atol=1e-5)
    for name in ("embedding", "middle"):
        halves = np.split(np.asarray(two[name]), 2, axis=1)
        np.testing.assert_allclose(np.mean(halves, axis=0), np.asarray(one[name]), rtol=1e-4, atol=1e-5)


def test_half_a_turn_changes_nothing_and_a_mirror_swaps_the_networks() -> None:
    first, second = tiny_network(), tiny_network()
    squares = np.random.default_rng(2).random((2, PX, PX, 3)).astype(np.float32)
    asked = with_explanation([first, second], PX, "unit", ["conv", "conv"], views=8)
    swapped = with_explanation([second, first], PX, "unit", ["conv", "conv"], views=8)

    plain = np.asarray(asked(squares)["logits"])

    np.testing.assert_allclose(np.asarray(asked(squares[:, ::-1, ::-1])["logits"]), plain, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(np.asarray(swapped(squares[:, :, ::-1])["logits"]), plain, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("views", "members"), [(1, 2), (8, 3)])
def test_only_two_networks_share_views_and_only_if_there_are_enough(views: int, members: int) -> None:
    with pytest.raises(ValueError, match="can't share"):
        shares(views, members)


@pytest.fixture
def twice(trained: Path, tmp_path: Path) -> tuple[Path, Path]:
    """The trained classifier in two folders, as one person's and another's."""
    return tuple(Path(shutil.copytree(trained, tmp_path / name)) for name in ("weights", "other"))


def test_joined_networks_are_built_from_the_weights_of_both(twice: tuple[Path, Path]) -> None:
    weights, other = twice

    card = join(NAME, weights, other / NAME, "2.0.0")

    assert (card.members, card.views, card.version) == (2, 8, "2.0.0")
    assert card.parameters == 2 * read_card(other / NAME).parameters
    assert card.training["further_members"] == [read_card(other / NAME).training]
    assert read_verified(card, weights / NAME, weights_file(1)) == read_verified(card, weights / NAME, weights_file(0))
    assert served_network(card, weights / NAME).output["view_logits"].shape == (None, 8, len(CODES))


def test_nothing_that_was_found_for_one_network_is_said_of_two(twice: tuple[Path, Path]) -> None:
    weights, other = twice

    card = join(NAME, weights, other / NAME, "2.0.0")

    assert read_card(weights / NAME) == card
    assert not any((card.metrics, card.operating_points, card.compiled, card.patient, card.shift))
    assert (card.temperature, card.unfamiliar_above) == (1.0, None)


def test_networks_of_two_architectures_are_built_each_as_its_own(twice: tuple[Path, Path]) -> None:
    weights, other = twice
    kind = "efficientnetlite0"
    second = replace(read_card(other / NAME), name=f"{kind}-ham7", title="Another", architecture=kind)
    network = build_network(ARCHITECTURES[kind], len(CODES))
    folder = other / second.name
    folder.mkdir()
    network.save_weights(folder / weights_file(0))
    content = (folder / weights_file(0)).read_bytes()
    write_card(folder, replace(second, parameters=network.count_params(), files={weights_file(0): sha256(content)}))

    card = join(NAME, weights, folder, "2.0.0")

    first = read_card(other / NAME)
    assert card.architectures == (first.architecture, kind)
    assert card.title == f"{first.title} and Another"
    assert card.parameters == first.parameters + network.count_params()
    served = served_network(read_card(weights / NAME), weights / NAME)
    assert served.output["embedding"].shape == (None, 2 * 1280)
    assert served.output["middle"].shape == (
        None,
        576 + 672,
    )  # of block 13 there, and of the expansion of block 6a here


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"members": 2}, "two networks are joined"),
        ({"input_px": 64}, "differ in input_px"),
        ({"training": {"split": "another"}}, "differ in split"),
    ],
)
def test_networks_that_do_not_fit_are_not_joined(twice: tuple[Path, Path], change: dict, fault: str) -> None:
    weights, other = twice
    write_card(other / NAME, replace(read_card(other / NAME), **change))
    before = read_card(weights / NAME)

    with pytest.raises(CardError, match=fault):
        join(NAME, weights, other / NAME, "2.0.0")

    assert read_card(weights / NAME) == before
