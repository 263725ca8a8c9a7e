"""From drawn photographs to a served classifier, with the commands that a person would type."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.card import NETWORK, read_card, read_verified
from models.compile import TOLERANCES
from models.photograph import upright_rgb
from models.preprocessing import square_pixels
from models.registry import Registry
from models.serving import NetworkClassifier
from tests.models.conftest import CODES, NAME, run_models, start_models
from tests.pictures import lesion_picture


@pytest.fixture
def photograph(tmp_path: Path) -> Path:
    path = tmp_path / "lesion.png"
    lesion_picture(seed=99).save(path)
    return path


def test_training_leaves_a_card_with_its_data_and_its_curve(trained: Path) -> None:
    card = read_card(trained / NAME)

    assert card.classes == CODES
    assert [entry["epoch"] for entry in card.training["history"]] == [1, 2]
    assert card.training["photographs"] == 28
    assert card.training["pretrained"] is None


def test_a_killed_training_goes_on_from_its_checkpoint(drawn: Path, tmp_path: Path) -> None:
    common = ("--data", drawn, "--split", drawn / "drawn.csv", "--recipe", "smoke", "--epochs", 12)
    killed = start_models("train", NAME, *common, "--out", tmp_path)
    while not (tmp_path / "checkpoint.npz").exists():
        assert killed.poll() is None
        time.sleep(0.01)
    killed.kill()
    killed.communicate()
    with np.load(tmp_path / "checkpoint.npz") as saved:
        reached = json.loads(saved["meta"].tobytes())["history"]

    done = run_models("train", NAME, *common, "--out", tmp_path, "--resume")

    assert done.status == 0, done.err
    curve = read_card(tmp_path / NAME).training["history"]
    assert [entry["epoch"] for entry in curve] == list(range(1, 13))
    assert 0 < len(reached) < 12
    assert curve[: len(reached)] == reached


def test_the_compiled_network_is_as_good_as_the_keras_network(trained: Path, drawn: Path) -> None:
    done = run_models("compile", NAME, "--weights", trained, "--data", drawn, "--split", drawn / "drawn.csv")

    assert done.status == 0, done.err
    card = read_card(trained / NAME)
    compiled = card.compiled
    assert read_verified(card, trained / NAME, NETWORK)
    assert compiled["probability_difference"] < TOLERANCES[compiled["precision"]]
    assert set(compiled["differences"]) == {"accuracy", "balanced_accuracy", "macro_auc", "malignant_auc"}
    assert max(map(abs, compiled["differences"].values())) <= 0.003


def test_calibration_sets_temperature_thresholds_and_the_limit_of_the_familiar(trained: Path) -> None:
    card = read_card(trained / NAME)

    assert card.temperature > 0
    assert set(card.operating_points) == {"sensitivity_90", "sensitivity_95", "specificity_90", "specificity_95"}
    assert card.unfamiliar_above is not None


def test_every_view_is_counted_that_alone_would_be_called_otherwise(trained: Path) -> None:
    classifier = Registry(trained)[NAME]
    photograph = lesion_picture(seed=5)
    square = square_pixels(photograph, classifier.card.input_px)
    dimmed = (np.rot90(square) * 0.94).round().astype(np.uint8)
    flipped = [np.flip(one, axes) for one in (square, dimmed) for axes in ((), (0,), (1,), (0, 1))]

    prediction = classifier.predict(photograph)

    alone = classifier.outputs(np.stack(flipped)).view_logits[:, 0].argmax(axis=1)
    assert prediction.views == 8
    assert prediction.views_changed == sum(CODES[call] != prediction.label for call in alone)


def test_a_slow_network_looks_at_no_further_views(trained: Path) -> None:
    card = read_card(trained / NAME)
    slow = replace(card, compiled={**card.compiled, "milliseconds": 200.0})

    prediction = NetworkClassifier.load(slow, trained / NAME, threads=1).predict(lesion_picture(seed=5))

    assert (prediction.views, prediction.views_changed) == (0, 0)


def test_the_command_line_answers_as_the_engine_does(trained: Path, photograph: Path) -> None:
    with Image.open(photograph) as image:
        expected = Registry(trained)[NAME].predict(upright_rgb(image))

    done = run_models("predict", "--weights", trained, "--json", photograph)

    answer = json.loads(done.out)
    assert done.status == 0, done.err
    assert answer["label"] == expected.label
    np.testing.assert_allclose(
        [answer["probabilities"][code] for code in CODES],
        [expected.probabilities[code] for code in CODES],
        atol=1e-5,
    )
    assert answer["malignancy"] == pytest.approx(sum(answer["probabilities"][c] for c in ("akiec", "bcc", "mel")))


def test_a_picture_that_cannot_be_read_does_not_stop_the_others(trained: Path, photograph: Path) -> None:
    broken = photograph.with_name("broken.jpg")
    broken.write_bytes(b"not a picture")

    done = run_models("predict", "--weights", trained, "--json", broken, photograph)

    first, second = map(json.loads, done.out.splitlines())
    assert done.status == 1
    assert set(first) == {"image", "error"}
    assert second["label"] in CODES


def test_evaluation_measures_the_served_network_and_keeps_its_predictions(
    trained: Path, drawn: Path, tmp_path: Path
) -> None:
    done = run_models(
        *("evaluate", NAME, "--data", drawn, "--weights", trained, "--out", tmp_path),
        *("--split", drawn / "drawn.csv", "--quick"),
    )

    assert done.status == 0, done.err
    assert json.loads((tmp_path / "metrics.json").read_text())["test"]["n"] == 14
    assert len((tmp_path / "predictions.csv").read_text().splitlines()) == 15


def test_an_unknown_classifier_is_a_sentence_and_status_two(trained: Path, photograph: Path) -> None:
    done = run_models("predict", "--weights", trained, "--model", "resnet9000-ham7", photograph)

    assert done.status == 2
    assert "there is no classifier resnet9000-ham7" in done.err
    assert "Traceback" not in done.err


def test_the_list_names_every_classifier(trained: Path) -> None:
    done = run_models("list", "--json", "--weights", trained)

    assert [row["name"] for row in json.loads(done.out)] == [NAME]
