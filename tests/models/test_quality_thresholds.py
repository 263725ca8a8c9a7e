"""Photographs are spoiled as they say, and what is spoiled is told from what is not."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from models.evaluation.quality_thresholds import (
    SHIFTED,
    SPOILINGS,
    blurred,
    caught,
    clean_limits,
    exposed,
    one_of_each_lesion,
    shifted,
    table,
)
from models.preprocessing import square_pixels
from models.quality import QUALITY_PX, measure, quality_warnings
from models.training.splits import Photograph
from tests.pictures import lesion_picture


def small_lesion(seed: int) -> npt.NDArray[np.uint8]:
    """Draw a lesion with much skin around it."""
    near = lesion_picture(seed, (224, 224))
    far = Image.new("RGB", (672, 672), near.getpixel((4, 4)))
    far.paste(near, (224, 224))
    return square_pixels(far, QUALITY_PX)


CLEAN = [small_lesion(seed) for seed in range(4)]
MIDDLE = np.hypot(*(np.mgrid[0:QUALITY_PX, 0:QUALITY_PX] - QUALITY_PX / 2)) < 40  # where the lesions are drawn


def test_a_blur_takes_sharpness_and_leaves_brightness() -> None:
    before, after = (measure(pixels) for pixels in (CLEAN[0], blurred(CLEAN[0], 3)))

    assert after.sharpness < before.sharpness / 4
    assert after.brightness == pytest.approx(before.brightness, abs=1)


def test_a_stop_is_twice_the_light() -> None:
    grey = np.full((2, 2, 3), 100, dtype=np.uint8)

    lighter = exposed(grey, 1)

    np.testing.assert_allclose((lighter / grey) ** 2.2, 2, rtol=0.02)
    np.testing.assert_allclose(exposed(lighter, -1), grey, atol=1)


def test_a_shifted_frame_has_the_lesion_on_its_edge() -> None:
    frames = list(shifted(CLEAN[0], MIDDLE))

    assert len(frames) == 4
    for frame in frames:
        assert frame.shape == CLEAN[0].shape
        assert measure(frame).distance > measure(CLEAN[0]).distance + 0.2


def test_a_lesion_that_fills_the_photograph_is_not_shifted() -> None:
    assert list(shifted(CLEAN[0], np.ones((QUALITY_PX, QUALITY_PX), dtype=bool))) == []
    assert list(shifted(CLEAN[0], np.zeros((QUALITY_PX, QUALITY_PX), dtype=bool))) == []


def test_the_worst_spoiling_of_each_kind_is_always_caught_and_what_is_clean_never_flagged() -> None:
    found = {each.spoiling: each for each in caught(CLEAN, [MIDDLE] * len(CLEAN))}

    assert set(found) == {*SPOILINGS, SHIFTED}
    assert {found[name].share for name in ("blur of 2 px", "3 stops darker", "2 stops lighter")} == {1.0}
    assert found[SHIFTED].share > 0.8
    assert {quality_warnings(pixels) for pixels in CLEAN} == {()}


def test_a_limit_leaves_the_wanted_share_beyond_it() -> None:
    clean = [measure(blurred(CLEAN[0], radius / 10)) for radius in range(1, 41)]

    limit = clean_limits(clean, 0.1)["sharpness"]

    assert sum(each.sharpness < limit for each in clean) == 4


def test_one_photograph_of_each_lesion_is_drawn_and_the_same_ones_again() -> None:
    photographs = [Photograph(f"p{i}", f"lesion{i // 2}", "nv", "train") for i in range(40)]

    drawn = one_of_each_lesion(photographs, 10, seed=0)

    assert len({photograph.lesion_id for photograph in drawn}) == len(drawn) == 10
    assert drawn == one_of_each_lesion(photographs[::-1], 10, seed=0)


def test_the_table_says_how_many_clean_photographs_are_flagged() -> None:
    lines = "\n".join(table(CLEAN, [None] * len(CLEAN), 0.01))

    assert "any of them   0.00%" in lines
