"""The outlining network in the repository: whole, measured, and as good as its card says."""

from __future__ import annotations

import csv
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.evaluation.outlines.agreement import FAILED
from models.evaluation.outlines.command import KEPT
from models.evaluation.outlines.noise import LENGTHS, REAL
from models.evaluation.outlines.observed import observe
from models.evaluation.outlines.page import write_outline_page
from models.registry import OUTLINE, Registry
from models.segmentation.belief import Limits
from models.segmentation.card import NETWORK, WEIGHTS, read_card, read_verified
from models.segmentation.compile import MOST_BYTES
from models.segmentation.outliner import LiteRtOutliner
from models.training import splits
from tests.models.test_shipped import HAM10000, ROOT
from tests.pictures import lesion_picture

FOLDER = ROOT / "models" / "weights" / OUTLINE
PARITY = """
import sys
from pathlib import Path
from models.segmentation.card import NETWORK, read_card, read_verified
from models.segmentation.compile import parity
from models.segmentation.served import load_network, served_network
folder = Path(sys.argv[1])
card = read_card(folder)
served = served_network(load_network(card, folder), card.input_px, card.scaling, card.compiled["views"])
print(parity(card, served, read_verified(card, folder, NETWORK)))
"""


@pytest.fixture(scope="module")
def card():
    return read_card(FOLDER)


@pytest.fixture(scope="module")
def kept() -> list[dict[str, str]]:
    with (FOLDER / KEPT).open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def figures(card):
    return card.metrics["ham7-grouped"]


def test_every_file_is_the_one_that_the_card_vouches_for_and_all_are_small(card):
    sizes = [len(read_verified(card, FOLDER, name)) for name in (WEIGHTS, NETWORK)]

    assert sum(sizes) < MOST_BYTES


def test_the_compiled_network_answers_like_the_keras_network(card):
    done = subprocess.run(
        [sys.executable, "-c", PARITY, str(FOLDER)], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert float(done.stdout.split()[-1]) < max(1e-3, 2 * card.compiled["share_difference"])


def test_it_reaches_what_it_was_to_reach_and_is_far_above_the_floor(figures):
    assert figures["jaccard"]["value"] > 0.85
    assert figures["failed"]["value"] < 0.1
    assert figures["accepted"]["jaccard"]["value"] > figures["jaccard"]["value"]
    assert figures["jaccard"]["low"] > figures["classical"]["jaccard"]["high"] + 0.1


def test_the_figures_are_those_of_the_photographs_that_are_kept(figures, kept):
    jaccard = np.array([float(row["jaccard"]) for row in kept])
    refused = np.array([bool(row["refused"]) for row in kept])

    assert {row["image_id"] for row in kept} == {p.image_id for p in splits.for_testing("ham7-grouped")}
    assert jaccard.mean() == pytest.approx(figures["jaccard"]["value"], abs=1e-4)
    assert (jaccard < FAILED).mean() == pytest.approx(figures["failed"]["value"], abs=1e-4)
    assert refused.mean() == pytest.approx(figures["refusal"]["rate"], abs=1e-4)


def test_it_knows_what_is_noise_of_every_measure_that_may_be_compared(figures):
    noise = Registry(FOLDER.parent).outline_noise()

    assert set(noise) == {*LENGTHS, *REAL}
    assert all(0.01 < figures["repeatability"]["measures"][name]["beyond"] < 0.1 for name in noise)


def test_the_page_is_what_the_card_says(card, tmp_path):
    shown = ROOT / "docs" / "models" / f"{OUTLINE}.md"
    pictures = tmp_path / OUTLINE
    pictures.mkdir()
    for picture in (shown.parent / OUTLINE).iterdir():
        (pictures / picture.name).touch()

    assert write_outline_page(card, tmp_path).read_text() == shown.read_text()


def test_a_drawn_lesion_is_outlined_and_bare_skin_is_not():
    outliner = Registry(FOLDER.parent).outliner()

    lesion, skin = outliner.outline(lesion_picture()), outliner.outline(Image.new("RGB", (450, 450), (224, 180, 160)))

    assert lesion.measures is not None
    assert 0.01 < lesion.measures.area / 450**2 < 0.5
    assert (skin.measures, skin.polygon) == (None, ())


@pytest.mark.photographs
def test_the_card_is_right_about_test_photographs(kept) -> None:
    if not Path(HAM10000).is_dir():
        pytest.skip("the photographs of HAM10000 are not beside the repository")
    chosen = random.Random(0).sample(splits.for_testing("ham7-grouped"), 20)  # noqa: S311 - a sample, no secret
    outliner = LiteRtOutliner.load(FOLDER, threads=2)
    limits = Limits.of(outliner.card.limits)
    stated = {row["image_id"]: (row["refused"], float(row["jaccard"])) for row in kept}

    found = observe(outliner, chosen, HAM10000, limits.level, "test")

    for each in found:
        refused, jaccard = stated[each.photograph.image_id]
        assert each.refused(limits) == (refused or None)
        assert each.agreement.jaccard == pytest.approx(jaccard, abs=0.01)
