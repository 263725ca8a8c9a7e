"""A lesion has no left and right: eight views, each of which can be undone."""

from __future__ import annotations

import numpy as np
import pytest

from models.views import VIEWS, further_views

SQUARE = np.random.default_rng(0).integers(0, 256, (6, 6, 3), dtype=np.uint8)


def test_the_eight_views_are_all_that_turning_and_mirroring_can_do() -> None:
    seen = {view.of(SQUARE[np.newaxis])[0].tobytes() for view in VIEWS}

    turned = [np.rot90(SQUARE, times) for times in range(4)]
    assert seen == {one.tobytes() for one in [*turned, *(turn[::-1] for turn in turned)]}


@pytest.mark.parametrize("view", VIEWS)
def test_a_map_of_a_view_can_be_laid_on_the_square(view) -> None:
    batch = SQUARE[np.newaxis]

    np.testing.assert_array_equal(view.undone(view.of(batch)), batch)


@pytest.mark.parametrize(("seen", "left"), [(1, 7), (4, 1), (8, 0)])
def test_what_a_network_does_not_see_by_itself_is_left(seen: int, left: int) -> None:
    assert further_views(SQUARE, seen).shape == (left, 6, 6, 3)


def test_turned_views_are_slightly_darker_where_the_network_does_not_turn_by_itself() -> None:
    further = further_views(SQUARE, 1)

    light = further.mean(axis=(1, 2, 3)) / SQUARE.mean()
    np.testing.assert_allclose(light, [1, 1, 1, 0.94, 0.94, 0.94, 0.94], atol=0.01)
