"""The classifiers in the repository: whole, measured, and as good as their cards say."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from models.card import NETWORK, WEIGHTS, read_card, read_verified
from models.compile import MOST_BYTES
from models.labels import HAM7
from models.registry import Registry
from models.training import splits
from models.training.data import load_images
from tests.pictures import lesion_picture

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "models" / "weights"
HAM10000 = ROOT.parent / "shared" / "data" / "ham10000"
NAMES = sorted(path.parent.name for path in FOLDER.glob("*/card.json"))
WITH_WEIGHTS = [name for name in NAMES if (FOLDER / name / WEIGHTS).exists()]  # the others can be served only
PARITY = """
import sys
from pathlib import Path
from models.card import NETWORK, read_card, read_verified
from models.compile import parity
from models.keras_engine import served_network
folder = Path(sys.argv[1])
card = read_card(folder)
print(parity(card, served_network(card, folder), read_verified(card, folder, NETWORK)))
"""


def test_the_default_classifier_is_shipped_with_its_keras_weights() -> None:
    assert "mobilenetv2-ham7" in WITH_WEIGHTS


@pytest.mark.parametrize("name", NAMES)
def test_every_classifier_answers(name: str) -> None:
    prediction = Registry(FOLDER)[name].predict(lesion_picture())

    assert sum(prediction.probabilities.values()) == pytest.approx(1)
    assert np.max(prediction.heatmap) == pytest.approx(1)


@pytest.mark.parametrize("name", NAMES)
def test_every_file_is_the_one_that_the_card_vouches_for(name: str) -> None:
    card = read_card(FOLDER / name)

    assert {NETWORK, WEIGHTS} <= set(card.files)
    shipped = set(card.files) if name in WITH_WEIGHTS else set(card.files) - {WEIGHTS}
    assert all(len(read_verified(card, FOLDER / name, file)) < MOST_BYTES for file in shipped)


@pytest.mark.parametrize("name", WITH_WEIGHTS)
def test_the_served_network_answers_like_the_keras_network(name: str) -> None:
    stated = read_card(FOLDER / name).compiled.get("probability_difference", 0)
    command = [sys.executable, "-c", PARITY, str(FOLDER / name)]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)

    assert float(done.stdout.split()[-1]) < max(1e-3, 2 * stated)


def test_mobilenetv2_ham7_reaches_what_it_was_to_reach() -> None:
    card = read_card(FOLDER / "mobilenetv2-ham7")

    reached = {name: card.held_out(name) for name in ("accuracy", "macro_auc", "malignant_auc")}

    assert reached["accuracy"].value >= 0.83
    assert reached["macro_auc"].value >= 0.96
    assert reached["malignant_auc"].value >= 0.925


@pytest.mark.photographs
def test_the_card_is_right_about_test_photographs() -> None:
    if not HAM10000.is_dir():
        pytest.skip("the real photographs are not there")
    classifier = Registry(FOLDER)["mobilenetv2-ham7"]
    chosen = random.Random(0).sample(splits.for_testing("ham7-grouped"), 300)  # noqa: S311 - a sample, no secret
    images = load_images(chosen, HAM10000, HAM7, classifier.card.input_px)

    right = (classifier.logits(images.pixels).argmax(axis=1) == images.labels).mean()

    stated = classifier.card.held_out("accuracy").value
    assert right == pytest.approx(stated, abs=0.08)  # four standard errors of 300 photographs
