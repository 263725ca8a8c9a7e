"""Training recipes."""

from __future__ import annotations

import pytest

from models.training.recipes import RECIPES, Recipe, Stage


def test_a_recipe_keeps_its_proportions_when_it_is_shortened() -> None:
    recipe = Recipe(stages=(Stage(128, 14), Stage(192, 12))).with_epochs(13)

    assert recipe.stages == (Stage(128, 7), Stage(192, 6))


@pytest.mark.parametrize("epochs", [1, 2, 5, 40])
def test_a_recipe_lasts_as_many_epochs_as_asked(epochs: int) -> None:
    assert RECIPES["ours"].with_epochs(epochs).epochs == epochs


def test_a_recipe_knows_the_size_of_every_epoch() -> None:
    recipe = Recipe(stages=(Stage(128, 2), Stage(192, 1)))

    assert [recipe.px_at(epoch) for epoch in range(3)] == [128, 128, 192]
