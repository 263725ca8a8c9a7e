"""Outlines held against experts': drawn lesions, drawn outlines, and a network that sees what is dark."""

from __future__ import annotations

import csv
import math
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageDraw

from models.evaluation.outlines import noise
from models.evaluation.outlines.agreement import NONE, agreement, expert_outline
from models.evaluation.outlines.classical import classical, otsu
from models.evaluation.outlines.command import KEPT, evaluate
from models.evaluation.outlines.observed import made_out
from models.evaluation.outlines.page import write_outline_page
from models.outline import Measures
from models.segmentation.card import FILE, OutlineCard, read_card
from tests.models.test_abcd import PX, ellipse, outlined

SIDE = 96
MEASURES = Measures(100.0, 12.0, 0.1, 1.2, 0.05, 10.0, ("red",), 0.0)


class DarknessOutliner:
    """Is the surer of a lesion, the darker a place is."""

    def __init__(self, folder):
        training = {"split": str(folder / "drawn.csv"), "recipe": "none", "history": []}
        self.card = OutlineCard(
            "outline",
            "Darkness",
            "1.0.0",
            SIDE,
            "raw",
            0,
            compiled={"views": 1, "milliseconds": 0.1},
            training=training,
        )
        self.version = self.card.version

    def shares(self, pixels):
        return (1 / (1 + np.exp((pixels.mean(axis=2) - 140) / 10))).astype(np.float32)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Photographs of drawn ellipses, two of each lesion, with their masks; in the last two the lesion is cut."""
    folder = tmp_path_factory.mktemp("outlined")
    dice = np.random.default_rng(0)
    with (folder / "drawn.csv").open("w") as split, (folder / "provenance.csv").open("w") as provenance:
        split.write("image_id,lesion_id,label,part\n")
        provenance.write("image_id,source,native_px\n")
        for i in range(24):
            reach = dice.uniform(0.15, 0.3, 2) * SIDE
            x, y = (0, SIDE / 2) if i >= 22 else dice.uniform(0.42, 0.58, 2) * SIDE
            box = (x - reach[0], y - reach[1], x + reach[0], y + reach[1])
            photograph, mask = Image.new("RGB", (SIDE, SIDE), (224, 180, 160)), Image.new("1", (SIDE, SIDE))
            ImageDraw.Draw(photograph).ellipse(box, fill=(110, 70, 50))
            ImageDraw.Draw(mask).ellipse(box, fill=1)
            photograph.save(folder / f"D_{i:02}.jpg", quality=95)
            mask.save(folder / f"D_{i:02}_segmentation.png")
            split.write(f"D_{i:02},L_{i // 2},nv,{'validation' if i < 12 else 'test'}\n")
            provenance.write(f"D_{i:02},drawn,{(150, 450)[i % 2]}\n")
    return folder


@pytest.fixture(scope="module")
def measured(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("weights") / "outline"
    folder.mkdir()
    evaluate(folder, data, DarknessOutliner(data))
    return folder


def test_the_card_gets_figures_with_intervals_limits_and_noise(measured):
    card = read_card(measured)
    found = card.metrics[card.training["split"]]

    assert (found["n"], found["lesions"]) == (12, 6)
    assert found["jaccard"]["low"] <= found["jaccard"]["value"] <= found["jaccard"]["high"]
    assert found["jaccard"]["value"] > 0.9
    assert set(found["native_px"]) == {"150", "450"}
    assert set(card.noise_limits()) == {*noise.LENGTHS, *noise.REAL}


def test_lesions_that_the_rim_cuts_are_refused_and_counted(measured):
    card = read_card(measured)
    found = card.metrics[card.training["split"]]

    assert all(row["refused"] for row in kept_rows(measured) if row["image_id"] in {"D_22", "D_23"})
    assert found["refusal"]["reasons"]["beyond"] >= 1
    assert found["cut_by_the_rim"] == pytest.approx(2 / 12, abs=1e-4)
    assert found["accepted"]["n"] == 12 - sum(found["refusal"]["reasons"].values())


def kept_rows(folder):
    with (folder / KEPT).open(newline="") as file:
        return list(csv.DictReader(file))


def test_what_is_kept_of_each_photograph_gives_the_figures_again(measured):
    card = read_card(measured)

    mean = np.mean([float(row["jaccard"]) for row in kept_rows(measured)])

    assert mean == pytest.approx(card.metrics[card.training["split"]]["jaccard"]["value"], abs=1e-4)


def test_the_page_shows_the_figures_of_the_card(measured, tmp_path):
    card = read_card(measured)
    page = write_outline_page(card, tmp_path).read_text()

    figure = card.metrics[card.training["split"]]["jaccard"]

    assert f"{figure['value']:.3f} ({figure['low']:.3f} to {figure['high']:.3f})" in page
    assert "no network" in page
    assert (measured / FILE).exists()


def test_an_outline_agrees_with_itself_and_one_half_as_large_by_a_half():
    mask = ellipse(40, 40) > 0.5

    same, half = agreement(outlined(ellipse(40, 40)), mask), agreement(outlined(ellipse(28.28, 28.28)), mask)

    assert same.jaccard > 0.97
    assert same.edge < 0.01
    assert half.jaccard == pytest.approx(0.5, abs=0.02)
    assert half.dice == pytest.approx(2 / 3, abs=0.02)
    assert half.edge == pytest.approx((40 - 28.28) / 80, abs=0.01)


def test_no_outline_agrees_with_nothing():
    assert agreement(None, ellipse(40, 40) > 0.5) == NONE


def test_the_edge_of_a_mask_is_not_longer_for_its_steps():
    outline = expert_outline(ellipse(40, 40) > 0.5)

    length = np.hypot(*(np.roll(outline, -1, axis=0) - outline).T).sum()

    assert length == pytest.approx(2 * math.pi * 40, rel=0.01)


def test_otsus_threshold_lies_between_two_heaps():
    levels = np.concatenate([np.full(300, 40.0), np.full(700, 200.0)])

    assert 40 <= otsu(levels) < 200


def test_the_floor_finds_a_dark_disc_on_light_skin():
    pixels = np.full((PX, PX, 3), 200, dtype=np.uint8)
    pixels[ellipse(40, 40) > 0.5] = 60

    found = classical(pixels, "blue")

    assert found.area * PX**2 == pytest.approx(math.pi * 40**2, rel=0.05)


def photograph() -> Image.Image:
    drawn = Image.new("RGB", (SIDE, SIDE), (224, 180, 160))
    ImageDraw.Draw(drawn).ellipse((30, 36, 62, 70), fill=(110, 70, 50))
    return drawn


@pytest.mark.parametrize("name", noise.COPIES)
def test_a_copy_shows_the_same_lesion_at_the_same_scale(name, data):
    outliner = DarknessOutliner(data)

    _, before = made_out(outliner, photograph(), 0.5)
    _, after = made_out(outliner, noise.COPIES[name](photograph()), 0.5)

    assert after.area == pytest.approx(before.area, rel=0.12)
    assert after.diameter == pytest.approx(before.diameter, rel=0.06)


def test_differences_of_lengths_are_those_of_their_logarithms():
    compared = [(MEASURES, replace(MEASURES, area=200.0, asymmetry=0.3))]

    assert noise.differences(compared, "area") == pytest.approx([math.log(2)])
    assert noise.differences(compared, "asymmetry") == pytest.approx([0.2])


def test_less_than_the_noise_is_no_change_and_more_is_one():
    limits = noise.noise_limits([(MEASURES, MEASURES)] * 5, {"mirrored": [(MEASURES, MEASURES)] * 5})
    area, asymmetry = limits["area"], limits["asymmetry"]

    assert (area.relative, area.real, asymmetry.relative, asymmetry.real) == (True, False, False, True)
    assert not area.is_exceeded(100.0, 100.0)
    assert area.is_exceeded(100.0, 101.0)
    assert area.is_exceeded(101.0, 100.0)
