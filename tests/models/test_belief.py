"""When an outline is believed."""

from __future__ import annotations

import numpy as np
import pytest

from models.outline import REFUSALS
from models.segmentation.belief import Limits, find, opened, verdict
from tests.models.test_abcd import PX, ellipse

LIMITS = Limits()


def judged(shares):
    return verdict(find(shares), LIMITS)


def test_a_lesion_in_the_middle_is_believed():
    assert judged(ellipse(40, 30)) is None


@pytest.mark.parametrize(
    ("shares", "code"),
    [
        (np.zeros((PX, PX), np.float32), "nothing"),
        (ellipse(3, 3), "small"),
        (ellipse(60, 60, middle=(0, 80)), "beyond"),
        (np.ones((PX, PX), np.float32), "beyond"),
        (np.maximum(ellipse(20, 20, middle=(40, 80)), ellipse(20, 15, middle=(120, 80))), "pieces"),
        (0.3 + 0.3 * ellipse(40, 40), "unsure"),
    ],
)
def test_what_can_not_be_a_whole_lesion_is_refused(shares, code):
    assert judged(shares.astype(np.float32)) == code
    assert code in REFUSALS


def test_a_hole_is_filled():
    ring = np.clip(ellipse(40, 40) - ellipse(10, 10), 0, 1).astype(np.float32)

    assert find(ring).area == pytest.approx(find(ellipse(40, 40)).area, rel=1e-3)


def test_a_hair_that_was_followed_is_cut_off():
    plain = ellipse(30, 30)
    hairy = plain.copy()
    hairy[75:78, 20:150] = 1

    with_hair, without = find(hairy), find(plain)

    assert with_hair.area == pytest.approx(without.area, rel=0.01)
    assert with_hair.elsewhere == 0


def test_an_edge_that_is_all_doubt_is_less_believed_than_a_sharp_one():
    sharp = find(ellipse(40, 40))
    down, across = np.mgrid[0:PX, 0:PX] + 0.5
    vague = find(np.clip(1 - np.hypot(down - 80, across - 80) / 80, 0, 1).astype(np.float32))

    assert sharp.confidence > 0.97
    assert vague.confidence < 0.7


def test_opening_leaves_what_is_wide_as_it_was():
    wide = ellipse(40, 40)

    assert np.abs(opened(wide) - wide).max() < 0.35
    assert abs(float(opened(wide).sum() - wide.sum())) < 0.01 * wide.sum()
