"""A lesion has no left and right: eight views, each of which can be undone."""

from __future__ import annotations

import numpy as np
import pytest

from models.preprocessing import scale
from models.views import VIEWS, further_views

SQUARE = np.random.default_rng(0).integers(0, 256, (6, 6, 3), dtype=np.uint8)


def test_the_eight_views_are_all_that_turning_and_mirroring_can_do() -> None:
    seen = {view._replace(light=1).of(SQUARE[np.newaxis], "raw")[0].tobytes() for view in VIEWS}

    turned = [np.rot90(SQUARE, times) for times in range(4)]
    assert seen == {one.tobytes() for one in [*turned, *(turn[::-1] for turn in turned)]}


@pytest.mark.parametrize("view", VIEWS)
def test_a_map_of_a_view_can_be_laid_on_the_square(view) -> None:
    batch = SQUARE[np.newaxis]

    np.testing.assert_array_equal(view.undone(view._replace(light=1).of(batch, "raw")), batch)


@pytest.mark.parametrize(("seen", "left"), [(1, 7), (4, 1), (8, 0)])
def test_what_a_network_does_not_see_by_itself_is_left(seen: int, left: int) -> None:
    assert further_views(SQUARE, seen).shape == (left, 6, 6, 3)


@pytest.mark.parametrize("scaling", ["raw", "unit", "minus1to1"])
def test_turned_views_are_slightly_darker_however_the_network_is_fed(scaling: str) -> None:
    turned = VIEWS[4].of(scale(SQUARE.astype(np.float32)[np.newaxis], scaling), scaling)

    expected = scale(SQUARE.transpose(1, 0, 2) * 0.94, scaling)
    np.testing.assert_allclose(turned[0], expected, rtol=1e-5, atol=1e-5)


def test_a_network_of_one_view_is_shown_what_one_of_eight_sees() -> None:
    further = further_views(SQUARE, 1)

    light = further.mean(axis=(1, 2, 3)) / SQUARE.mean()
    np.testing.assert_allclose(light, [1, 1, 1, 0.94, 0.94, 0.94, 0.94], atol=0.01)
