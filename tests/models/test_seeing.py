"""What a network is shown, and what is drawn of where it looked."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageFilter

from models.explain import draw_heatmap, normalised
from models.familiarity import Familiarity
from models.labels import BINARY, HAM7, task_of
from models.prediction import Frame
from models.preprocessing import scale, square_pixels
from models.quality import QUALITY_PX, REASONS, quality_warnings
from tests.pictures import lesion_picture


def test_without_a_frame_the_network_sees_the_centred_square() -> None:
    image = lesion_picture(size=(120, 80))

    seen = square_pixels(image, 80)

    np.testing.assert_array_equal(seen, np.asarray(image.crop((20, 0, 100, 80))))


def test_the_network_sees_the_framed_square() -> None:
    image = lesion_picture(size=(120, 80))

    seen = square_pixels(image, 32, Frame(left=5, top=7, side=32))

    np.testing.assert_array_equal(seen, np.asarray(image.crop((5, 7, 37, 39))))


@pytest.mark.parametrize(("scaling", "low", "high"), [("minus1to1", -1, 1), ("unit", 0, 1), ("raw", 0, 255)])
def test_every_scaling_maps_black_and_white_to_its_ends(scaling: str, low: float, high: float) -> None:
    scaled = scale(np.array([0.0, 255.0]), scaling)

    np.testing.assert_allclose(scaled, [low, high])


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (lambda image: image.filter(ImageFilter.GaussianBlur(12)), "blurred"),
        (lambda image: image.point(lambda level: level * 0.2), "dark"),
        (lambda image: image.point(lambda level: level * 2), "overexposed"),
        (lambda image: image.point(lambda level: 120 + level * 0.05), "low_contrast"),
    ],
)
def test_a_bad_photograph_is_told_by_its_fault(damage, code: str) -> None:
    good = lesion_picture(seed=3)

    found = quality_warnings(square_pixels(damage(good), QUALITY_PX))

    assert code in found
    assert set(found) <= set(REASONS)
    assert quality_warnings(square_pixels(good, QUALITY_PX)) == ()


def test_the_familiar_is_near_and_the_strange_is_far() -> None:
    rng = np.random.default_rng(0)
    seen = rng.normal(size=(500, 40)).astype(np.float32)
    familiarity = Familiarity.fit(seen, components=8)

    near = familiarity.distance(rng.normal(size=(50, 40)).astype(np.float32))
    far = familiarity.distance(rng.normal(3, 1, size=(50, 40)).astype(np.float32))

    assert near.mean() == pytest.approx(2, rel=0.2)
    assert far.min() > near.max()


def test_channels_that_never_answer_do_not_matter() -> None:
    rng = np.random.default_rng(0)
    seen = np.zeros((400, 32), dtype=np.float32)
    seen[:, ::2] = rng.normal(2, 1, size=(400, 16))

    distance = Familiarity.fit(seen).distance(seen)

    assert distance.mean() == pytest.approx(2, rel=0.05)


def test_familiarity_survives_its_file() -> None:
    familiarity = Familiarity.fit(np.random.default_rng(0).normal(size=(60, 20)).astype(np.float32), components=5)
    probe = np.ones((1, 20), dtype=np.float32)

    again = Familiarity.from_bytes(familiarity.to_bytes())

    np.testing.assert_array_equal(again.distance(probe), familiarity.distance(probe))


def test_a_heat_map_shows_only_what_speaks_for_the_class() -> None:
    grid = normalised(np.array([[-3.0, 0.0], [1.0, 4.0]], dtype=np.float32))

    np.testing.assert_allclose(grid, [[0, 0], [0.25, 1]])


def test_a_heat_map_without_evidence_is_empty() -> None:
    assert normalised(np.full((7, 7), -1.0, dtype=np.float32)).max() == 0


def test_the_drawn_heat_map_is_most_opaque_where_the_evidence_is() -> None:
    grid = [[0.0] * 7 for _ in range(7)]
    grid[1][5] = 1.0

    with Image.open(io.BytesIO(draw_heatmap(grid, 140))) as picture:
        alpha = np.asarray(picture.convert("RGBA"))[:, :, 3]

    assert alpha.shape == (140, 140)
    assert np.unravel_index(alpha.argmax(), alpha.shape) == pytest.approx((30, 110), abs=8)
    assert alpha[120, 20] == 0


def test_the_classes_stand_in_the_order_of_the_contract() -> None:
    assert HAM7.codes == ("akiec", "bcc", "bkl", "df", "mel", "nv", "vasc")
    assert BINARY.codes == ("benign", "malignant")
    assert task_of("resnet50-binary") is BINARY


def test_malignancy_is_the_sum_over_the_malignant_classes() -> None:
    probabilities = dict(zip(HAM7.codes, (0.1, 0.2, 0.05, 0.05, 0.3, 0.25, 0.05), strict=True))

    assert HAM7.malignancy(probabilities) == pytest.approx(0.6)
