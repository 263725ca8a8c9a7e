"""Measures of drawn shapes whose true values are known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.abcd import colour, measure, shape
from models.abcd.contour import POINTS, contours, evenly, signed_area
from models.outline import COLOURS

PX = 160
MIDDLE = (80.3, 77.1)
BROWN, DARK, SKIN = (176, 122, 88), (98, 58, 44), (224, 180, 160)


def ellipse(long: float, short: float, turn: float = 0.0, middle: tuple[float, float] = MIDDLE, px: int = PX):
    """Draw how much of each place an ellipse with these half axes covers."""
    down, across = np.mgrid[0:px, 0:px] + 0.5
    x, y = across - middle[0], down - middle[1]
    along, beside = x * math.cos(turn) + y * math.sin(turn), y * math.cos(turn) - x * math.sin(turn)
    return np.clip((1 - np.hypot(along / long, beside / short)) * short + 0.5, 0, 1).astype(np.float32)


def outlined(field):
    return evenly(contours(field)[0])


def turned(points, angle: float):
    return points @ np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])


def blob(seed: int):
    """Return a smooth closed curve that has no symmetry, around the origin, some 40 across."""
    rng = np.random.default_rng(seed)
    angle = np.linspace(0, 2 * np.pi, POINTS, endpoint=False)
    reach = 20 + sum(
        rng.uniform(-4, 4) / k * np.cos(k * angle + phase) for k, phase in enumerate(rng.uniform(0, 6, 5), 1)
    )
    return np.stack([reach * np.cos(angle), reach * np.sin(angle)], axis=1)


def values(points):
    return {
        "area": shape.area(points),
        "diameter": shape.diameter(points),
        "asymmetry": shape.asymmetry(points),
        "irregularity": shape.irregularity(points),
        "notching": shape.notching(points),
    }


seeds = st.integers(0, 10_000)
angles = st.floats(0, 2 * math.pi)


def test_a_disc_is_measured_as_a_circle():
    found = values(outlined(ellipse(40, 40)))

    assert found["area"] == pytest.approx(math.pi * 40**2, rel=0.002)
    assert found["diameter"] == pytest.approx(80, rel=0.005)
    assert found["irregularity"] == pytest.approx(1, abs=0.005)
    assert found["asymmetry"] < 0.01
    assert found["notching"] < 0.002


@pytest.mark.parametrize("turn", [0, 0.3, 0.8, 1.5])
def test_an_ellipse_has_its_known_area_diameter_and_perimeter_however_it_is_turned(turn):
    points = outlined(ellipse(60, 30, turn))

    assert shape.area(points) == pytest.approx(math.pi * 60 * 30, rel=0.002)
    assert shape.diameter(points) == pytest.approx(120, rel=0.005)
    assert shape.perimeter(points) == pytest.approx(290.65, rel=0.003)  # complete elliptic integral
    assert shape.asymmetry(points) < 0.01


def test_half_a_disc_is_symmetrical_about_one_axis_only():
    field = ellipse(40, 40)
    field[:, :80] = 0
    whole, half = shape.asymmetry(outlined(ellipse(40, 40))), shape.asymmetry(outlined(field))

    assert half > whole + 0.05


def test_a_shape_without_an_axis_is_less_symmetrical_than_one_with_an_axis():
    lopsided, mirrored = np.zeros((PX, PX), np.float32), np.zeros((PX, PX), np.float32)
    lopsided[40:60, 20:120], lopsided[40:140, 20:40] = 1, 1
    lopsided[120:140, 20:70] = 1
    mirrored[40:60, 20:120], mirrored[40:140, 60:80] = 1, 1

    assert shape.asymmetry(outlined(lopsided)) > shape.asymmetry(outlined(mirrored)) > 0.1


def test_a_notch_is_what_the_hull_has_and_the_shape_has_not():
    field = np.zeros((PX, PX), np.float32)
    field[40:120, 40:120] = 1
    whole = shape.notching(outlined(field))
    field[40:80, 70:90] = 0

    assert whole < 0.01
    assert shape.notching(outlined(field)) == pytest.approx(40 * 20 / 80**2, rel=0.05)


@settings(max_examples=25)
@given(seed=seeds, angle=angles)
def test_turning_changes_no_measure(seed, angle):
    before, after = values(blob(seed)), values(turned(blob(seed), angle))

    assert after == pytest.approx(before, rel=1e-6, abs=0.015)


@settings(max_examples=25)
@given(seed=seeds)
def test_mirroring_changes_no_measure(seed):
    before, after = values(blob(seed)), values((blob(seed) * [-1, 1])[::-1])

    assert after == pytest.approx(before, rel=1e-6, abs=0.015)


@settings(max_examples=25)
@given(seed=seeds, scale=st.floats(0.2, 20))
def test_enlarging_changes_area_and_diameter_alone(seed, scale):
    before, after = values(blob(seed)), values(blob(seed) * scale)

    assert after.pop("area") == pytest.approx(before.pop("area") * scale**2)
    assert after.pop("diameter") == pytest.approx(before.pop("diameter") * scale)
    assert after == pytest.approx(before, abs=0.01)


@settings(max_examples=25)
@given(seed=seeds)
def test_shares_stay_in_their_ranges(seed):
    found = values(blob(seed) * [3, 1])

    assert 0 <= found["asymmetry"] <= 1
    assert 0 <= found["notching"] < 1
    assert found["irregularity"] >= 1


def test_every_region_and_every_hole_has_its_edge():
    field = np.zeros((40, 40), np.float32)
    field[5:25, 5:25], field[10:15, 10:15], field[30:35, 30:35] = 1, 0, 1

    areas = sorted(signed_area(loop) for loop in contours(field))

    assert areas == [-24.5, 24.5, 399.5]  # the corners are cut


def test_what_touches_the_rim_is_closed_along_it():
    field = np.ones((20, 20), np.float32)

    assert signed_area(contours(field)[0]) == pytest.approx(400, rel=0.01)


def test_where_nothing_is_above_the_level_there_is_no_edge():
    assert contours(np.full((20, 20), 0.4, np.float32)) == []


def test_points_lie_at_equal_distances_along_the_edge():
    points = outlined(ellipse(60, 20, 0.5))

    steps = np.hypot(*(np.roll(points, -1, axis=0) - points).T)

    assert len(points) == POINTS
    assert steps.std() < 0.02 * steps.mean()


@pytest.mark.parametrize(
    ("rgb", "lab"),
    [
        ((255, 255, 255), (100, 0, 0)),
        ((0, 0, 0), (0, 0, 0)),
        ((255, 0, 0), (53.24, 80.09, 67.20)),
        ((0, 0, 255), (32.30, 79.19, -107.86)),
    ],
)
def test_colours_are_where_cielab_has_them(rgb, lab):
    assert colour.to_lab(np.array(rgb, dtype=np.uint8)) == pytest.approx(lab, abs=0.05)


def square(lesion, *colours: tuple[int, int, int]):
    """Paint a lesion on skin, in vertical bands of these colours."""
    pixels = np.full((PX, PX, 3), SKIN, dtype=np.uint8)
    across = np.nonzero(lesion.any(axis=0))[0]
    for band, paint in zip(np.array_split(across, len(colours)), colours, strict=True):
        for column in band:
            pixels[lesion[:, column], column] = paint
    return pixels


def test_a_disc_of_one_colour_has_no_spread_and_one_of_two_has_both():
    disc = ellipse(40, 40) > 0.5
    points = outlined(ellipse(38, 38))  # inside the edge

    one, two = (measure(points, square(disc, *colours)) for colours in ((BROWN,), (BROWN, DARK)))
    apart = np.linalg.norm(np.subtract(*(colour.to_lab(np.array(c, dtype=np.uint8)) for c in (BROWN, DARK))))

    assert (one.colour_spread, one.colours) == (pytest.approx(0, abs=1e-6), ("light brown",))
    assert two.colour_spread == pytest.approx(apart / 2, rel=0.02)
    assert two.colours == ("light brown", "dark brown")


def test_a_colour_that_fills_next_to_nothing_is_not_counted():
    disc = ellipse(40, 40) > 0.5
    pixels = square(disc, BROWN)
    pixels[70:80, 70:80] = DARK

    assert measure(outlined(ellipse(40, 40)), pixels).colours == ("light brown",)


def test_white_counts_only_where_it_is_lighter_than_the_skin_around():
    disc, points = ellipse(40, 40) > 0.5, outlined(ellipse(38, 38))
    pale = square(disc, (232, 212, 204), BROWN)
    on_pale_skin = np.where(disc[..., None], pale, 245).astype(np.uint8)

    assert "white" in measure(points, pale).colours
    assert "white" not in measure(points, on_pale_skin).colours


def test_each_of_the_six_colours_is_itself():
    skin = np.zeros((0, 3))

    found = [colour.present(colour.to_lab(named[None]), skin) for named in colour.NAMED]

    assert found == [(name,) for name in COLOURS]


def test_dark_hairs_over_a_lesion_do_not_change_its_colours():
    disc, points = ellipse(40, 40) > 0.5, outlined(ellipse(38, 38))
    plain = square(disc, BROWN, DARK)
    hairy = plain.copy()
    for start in range(20, 140, 24):
        rows = np.arange(PX)
        hairy[rows, np.clip(start + rows // 6, 0, PX - 1)] = (20, 15, 15)

    before, after = measure(points, plain), measure(points, hairy)

    assert after.hair > before.hair + 0.02
    assert after.colours == before.colours
    assert after.colour_spread == pytest.approx(before.colour_spread, rel=0.05)


def test_area_and_diameter_are_in_the_units_of_the_photograph():
    pixels, points = square(ellipse(40, 40) > 0.5, BROWN), outlined(ellipse(40, 40))

    small, large = measure(points, pixels), measure(points, pixels, unit=2.5)

    assert large.area == pytest.approx(small.area * 2.5**2)
    assert large.diameter == pytest.approx(small.diameter * 2.5)
    assert large.asymmetry == small.asymmetry
