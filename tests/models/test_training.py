"""Recipes, splits, and what training may reach."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest

from models.training import splits
from models.training.recipes import RECIPES, Recipe, Stage

TRAINING = Path(splits.__file__).parent


def test_no_lesion_of_the_grouped_split_is_in_two_parts() -> None:
    train, validation = splits.for_training("ham7-grouped")
    test = splits.for_testing("ham7-grouped")

    lesions = [{photograph.lesion_id for photograph in part} for part in (train, validation, test)]

    assert not lesions[0] & lesions[1]
    assert not lesions[0] & lesions[2]
    assert not lesions[1] & lesions[2]


def test_the_grouped_split_holds_every_photograph_of_ham10000_once() -> None:
    train, validation = splits.for_training("ham7-grouped")
    everything = [*train, *validation, *splits.for_testing("ham7-grouped")]

    assert len({photograph.image_id for photograph in everything}) == 10_015
    assert Counter(photograph.label for photograph in everything) == {
        "nv": 6705,
        "mel": 1113,
        "bkl": 1099,
        "bcc": 514,
        "akiec": 327,
        "vasc": 142,
        "df": 115,
    }


def test_nothing_that_trains_names_the_way_to_the_test_photographs() -> None:
    for path in TRAINING.glob("*.py"):
        if path.name == "splits.py":
            continue
        names = {node.attr for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)}
        names |= {node.id for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Name)}

        assert "for_testing" not in names, path.name


def test_a_recipe_keeps_its_proportions_when_it_is_shortened() -> None:
    recipe = Recipe(stages=(Stage(128, 14), Stage(192, 12))).with_epochs(13)

    assert recipe.stages == (Stage(128, 7), Stage(192, 6))


@pytest.mark.parametrize("epochs", [1, 2, 5, 40])
def test_a_recipe_lasts_as_many_epochs_as_asked(epochs: int) -> None:
    assert RECIPES["ours"].with_epochs(epochs).epochs == epochs


def test_a_recipe_knows_the_size_of_every_epoch() -> None:
    recipe = Recipe(stages=(Stage(128, 2), Stage(192, 1)))

    assert [recipe.px_at(epoch) for epoch in range(3)] == [128, 128, 192]
