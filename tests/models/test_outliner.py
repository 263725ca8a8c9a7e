"""The outlining network: trained for seconds on drawn lesions, interrupted, compiled and asked."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from models.outline import REFUSALS
from models.prediction import Frame
from models.registry import OUTLINE, Registry, UnavailableError
from models.segmentation.belief import Limits
from models.segmentation.card import NETWORK, OutlineCard, read_card, write_card
from models.segmentation.outliner import LiteRtOutliner
from tests.models.conftest import run_models
from tests.pictures import lesion_picture


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A weights folder with a trained and compiled outlining network."""
    data, out = tmp_path_factory.mktemp("drawn"), tmp_path_factory.mktemp("weights")
    with (data / "drawn.csv").open("w") as split:
        split.write("image_id,lesion_id,label,part\n")
        for i in range(20):
            lesion_picture(seed=i, size=(64, 64)).save(data / f"D_{i}.jpg")
            mask = Image.new("1", (64, 64))
            ImageDraw.Draw(mask).ellipse((16, 16, 48, 48), fill=1)
            mask.save(data / f"D_{i}_segmentation.png")
            split.write(f"D_{i},L_{i},nv,{'train' if i < 16 else 'validation'}\n")
    run("outline-train", "--data", data, "--out", out, "--split", data / "drawn.csv", "--recipe", "smoke")
    run("outline-compile", "--weights", out, "--precision", "fp32")
    return out


def run(*arguments):
    done = run_models(*arguments)

    assert done.status == 0, done.err


def test_training_leaves_its_curve_on_the_card(made):
    card = read_card(made / OUTLINE)

    assert [entry["epoch"] for entry in card.training["history"]] == [1, 2]
    assert 0 <= card.training["history"][-1]["validation_jaccard"] <= 1
    assert card.training["photographs"] == 16


def test_the_compiled_network_answers_like_the_keras_network(made):
    assert read_card(made / OUTLINE).compiled["share_difference"] < 1e-3


def test_mirroring_a_photograph_mirrors_what_the_network_is_sure_of(made):
    outliner = LiteRtOutliner.load(made / OUTLINE, threads=1)
    pixels = np.asarray(lesion_picture(seed=5, size=(32, 32)).convert("RGB"))

    plain, mirrored = outliner.shares(pixels), outliner.shares(pixels[:, ::-1])

    assert plain.shape == (32, 32)
    assert np.abs(plain - mirrored[:, ::-1]).max() < 1e-4


def test_the_shell_prints_an_outline_or_why_there_is_none_and_goes_on_after_what_can_not_be_read(made, tmp_path):
    lesion_picture(seed=1).save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"no picture")

    done = run_models("outline", "--weights", made, "--json", tmp_path / "b.png", tmp_path / "a.png")
    unreadable, answer = (json.loads(line) for line in done.out.splitlines())

    assert done.status == 1
    assert "error" in unreadable
    assert (answer["refused"] in REFUSALS) == (answer["measures"] is None)


def test_a_damaged_network_is_not_loaded(made, tmp_path):
    folder = tmp_path / OUTLINE
    folder.mkdir()
    write_card(folder, read_card(made / OUTLINE))
    (folder / NETWORK).write_bytes(b"something else")

    with pytest.raises(UnavailableError, match="is not the file that the card vouches for"):
        Registry(tmp_path).outliner()


def test_where_there_is_no_network_there_is_no_version_and_nothing_is_known_of_noise(tmp_path):
    registry = Registry(tmp_path)

    assert registry.outline_version() is None
    assert registry.outline_noise() == {}


class DarkDisc(LiteRtOutliner):
    """A network that finds what is dark, so that places can be followed through frames and photographs."""

    def __init__(self) -> None:
        self.card = OutlineCard("outline", "Dark", "1.0.0", 160, "raw", 0)
        self.version = self.card.version
        self.limits = Limits()

    def shares(self, pixels):
        return (pixels.mean(axis=2) < 128).astype(np.float32)


def test_the_outline_is_in_fractions_of_the_photograph_and_measures_in_its_pixels():
    photograph = Image.new("RGB", (600, 450), (224, 180, 160))
    ImageDraw.Draw(photograph).ellipse((300, 200, 400, 300), fill=(80, 50, 40))

    found = DarkDisc().outline(photograph, Frame(200, 100, 320))
    across, down = np.array(found.polygon).T

    assert found.refused is None
    assert (across.min() * 600, across.max() * 600) == pytest.approx((300, 400), abs=2)
    assert (down.min() * 450, down.max() * 450) == pytest.approx((200, 300), abs=2)
    assert found.measures.diameter == pytest.approx(100, rel=0.05)
    assert found.measures.area == pytest.approx(np.pi * 50**2, rel=0.05)


def test_without_a_lesion_there_is_a_reason_and_nothing_else():
    found = DarkDisc().outline(Image.new("RGB", (300, 300), (224, 180, 160)))

    assert (found.refused, found.polygon, found.measures) == ("nothing", (), None)
