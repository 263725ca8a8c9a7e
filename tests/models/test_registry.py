"""Classifiers by name: loaded late, once, and only if their files are the right ones."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from models.card import NETWORK, Card, CardError, read_card, read_verified, sha256, write_card
from models.registry import Registry, UnavailableError
from tests.fakes import CARD, FakeClassifier


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    folder = tmp_path / CARD.name
    folder.mkdir()
    (folder / NETWORK).write_bytes(b"network")
    write_card(folder, replace(CARD, files={NETWORK: sha256(b"network")}))
    return tmp_path


def load_fake(card: Card, folder: Path) -> FakeClassifier:
    read_verified(card, folder, NETWORK)
    return FakeClassifier(card)


def test_a_card_survives_writing_and_reading(weights: Path) -> None:
    folder = weights / CARD.name
    card = read_card(folder)

    write_card(folder, card)

    assert read_card(folder) == card


def test_cards_are_read_without_loading_a_network(weights: Path) -> None:
    def never(_card: Card, _folder: Path) -> FakeClassifier:
        raise AssertionError

    cards = Registry(weights, loader=never).cards()

    assert [card.name for card in cards] == [CARD.name]


def test_two_threads_load_a_classifier_once(weights: Path) -> None:
    loads = []

    def slowly(card: Card, folder: Path) -> FakeClassifier:
        loads.append(card.name)
        time.sleep(0.05)
        return load_fake(card, folder)

    registry = Registry(weights, loader=slowly)
    threads = [threading.Thread(target=registry.__getitem__, args=(CARD.name,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert loads == [CARD.name]


def test_an_unknown_name_is_a_key_error(weights: Path) -> None:
    with pytest.raises(KeyError):
        Registry(weights, loader=load_fake)["alexnet-binary"]


def test_a_name_cannot_leave_the_folder(weights: Path) -> None:
    with pytest.raises(KeyError):
        Registry(weights / CARD.name, loader=load_fake)[f"../{CARD.name}"]


@pytest.mark.parametrize("damage", ["missing", "changed", "truncated"])
def test_a_network_that_is_not_the_cards_is_unavailable(weights: Path, damage: str) -> None:
    file = weights / CARD.name / NETWORK
    if damage == "missing":
        file.unlink()
    else:
        file.write_bytes(b"other work" if damage == "changed" else b"net")

    with pytest.raises(UnavailableError, match=NETWORK):
        Registry(weights, loader=load_fake)[CARD.name]


def test_a_mended_file_is_found_without_a_restart(weights: Path) -> None:
    registry = Registry(weights, loader=load_fake)
    file = weights / CARD.name / NETWORK
    file.unlink()
    with pytest.raises(UnavailableError):
        registry[CARD.name]
    file.write_bytes(b"network")

    classifier = registry[CARD.name]

    assert classifier.name == CARD.name


def test_a_network_that_is_not_one_is_unavailable_even_with_the_right_hash(weights: Path) -> None:
    with pytest.raises(UnavailableError):
        Registry(weights)[CARD.name]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"name": "other"}', "\x00"])
def test_a_card_that_is_not_one_is_refused(weights: Path, content: str) -> None:
    (weights / CARD.name / "card.json").write_text(content)

    with pytest.raises(CardError):
        read_card(weights / CARD.name)
    assert Registry(weights).cards() == ()
