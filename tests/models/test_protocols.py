"""A classifier on a split that it was not trained for: folded classes, lesions that it knows, kept measurements."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.card import Card, CardError, Interval, write_card
from models.evaluation.command import evaluate
from models.evaluation.comparison import difference, figure, leak_worth
from models.evaluation.crew import Crew
from models.evaluation.evaluation_page import evaluation_page
from models.evaluation.folding import Folded, common_ground
from models.evaluation.learned import LEAVE_OUT, MARK, LeakError
from models.evaluation.measurements import (
    Measurement,
    all_measurements,
    keep,
    keep_predictions,
    kept_predictions,
    recipe_of,
    stem,
)
from models.evaluation.metrics import measure
from models.labels import BINARY, HAM7
from models.training.splits import Photograph, SplitError
from tests.models.colours import CARD, NAME, PX, ColourClassifier, write_table
from tests.pictures import lesion_picture

SIDES = ColourClassifier(replace(CARD, name="colours-binary", classes=BINARY.codes))
PICTURES = 20
KNOWN = ("L_00", "L_01")  # lesions that CARD's training saw


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    """Drawn photographs, two of each lesion, in folders that repeat names; a training split, and two test splits."""
    folder = tmp_path_factory.mktemp("protocols")
    for code in BINARY.codes:
        (folder / "test" / code).mkdir(parents=True)
    for i in range(PICTURES):
        lesion_picture(seed=i, size=(40, 40)).save(folder / f"{photograph(i)}.jpg")
    header = "image_id,lesion_id,label,part"
    write_table(folder / "drawn.csv", header, [f"another_{lesion},{lesion},nv,train" for lesion in KNOWN])
    write_table(folder / "two.csv", header, [f"{photograph(i)},L_{i // 2:02},{side(i)},test" for i in range(PICTURES)])
    seven = [f"{photograph(i)},L_{i // 2:02},{HAM7.codes[i // 2 % 7]},test" for i in range(PICTURES)]
    write_table(folder / "seven.csv", header, seven)
    return folder


def photograph(i: int) -> str:
    return f"test/{side(i)}/{i // 4}_{i % 2}"


def side(i: int) -> str:
    return BINARY.codes[i // 2 % 2]


@pytest.fixture
def card(data) -> Card:
    return replace(CARD, training={**CARD.training, "split": str(data / "drawn.csv")})


def measured(classifier, data: Path, out: Path, split: str, **options) -> dict:
    places = {"weights": out / "weights", "shipped": out / "weights", "docs": out / "docs", "kept": out / "kept"}
    options = {"quick": True} | places | options
    classifiers = {classifier.name: classifier}
    return evaluate(classifier.name, data, out, split=str(data / split), classifiers=classifiers, **options)


def test_seven_classes_are_measured_as_two_on_a_binary_split(data, card, tmp_path):
    figures = measured(ColourClassifier(card), data, tmp_path, "two.csv", seen_lesions=LEAVE_OUT, quick=False)

    assert (figures["task"], figures["n"], figures["left_out"]) == ("binary", 16, 4)
    assert figures["lesions_learned_from"] == 0
    assert set(figures["per_class"]) == {"benign", "malignant"}
    assert figures["macro_auc"]["value"] == pytest.approx(figures["malignant_auc"]["value"])
    assert figures["controls"]["border_only"]["n"] == 8
    assert figures["subgroups"] == {}
    assert figures["lesions_by_patient"] == {}
    assert "melanoma_recall_at_95_sensitivity" not in figures
    assert not (tmp_path / "roc-classes.png").exists()


def test_a_binary_classifier_is_measured_on_seven_classes_by_their_side(data, tmp_path):
    figures = measured(SIDES, data, tmp_path, "seven.csv")

    malignant = sum(HAM7.codes[i // 2 % 7] in {"akiec", "bcc", "mel"} for i in range(PICTURES))
    assert figures["per_class"]["malignant"]["n"] == malignant


def test_malignancy_is_the_same_folded_or_not(data, card):
    whole, (folded, _) = ColourClassifier(card), common_ground(ColourClassifier(card), [labelled("benign")])
    picture = lesion_picture(seed=1, size=(PX, PX))

    answer, seen = folded.predict(picture), whole.predict(picture)

    assert isinstance(folded, Folded)
    assert answer.malignancy == seen.malignancy
    assert answer.probabilities == {"benign": 1 - seen.malignancy, "malignant": seen.malignancy}
    squares = np.asarray(picture)[np.newaxis]
    assert folded.probabilities(folded.logits(squares))[0, 1] == pytest.approx(seen.malignancy)


def test_labels_of_no_task_are_refused():
    with pytest.raises(SplitError, match="wart"):
        common_ground(SIDES, [labelled("wart")])


def labelled(label: str) -> Photograph:
    return Photograph("i", "l", label, "test")


def test_lesions_that_training_saw_are_not_measured_unasked(data, card, tmp_path):
    with pytest.raises(LeakError, match=r"2 of the 10 test lesions of two.*leave-out"):
        measured(ColourClassifier(card), data, tmp_path, "two.csv")


def test_a_leaking_measurement_is_marked_wherever_it_is_shown(data, card, tmp_path):
    figures = measured(ColourClassifier(card), data, tmp_path, "two.csv", seen_lesions=MARK, keep=True)

    page = (tmp_path / "docs" / "evaluation.md").read_text()

    assert figures["lesions_learned_from"] == 2
    assert "**2 of 10: leaking**" in page
    kept = all_measurements(tmp_path / "weights", tmp_path / "kept")[0].card
    assert replace(kept, training={"split": "two"}).held_out("accuracy") is None


def test_the_pages_are_about_what_is_shipped_wherever_the_measured_network_lies(data, tmp_path):
    shipped = tmp_path / "shipped" / "colours-binary"
    shipped.mkdir(parents=True)
    write_card(shipped, replace(SIDES.card, metrics={"two": measured(SIDES, data, tmp_path / "before", "two.csv")}))

    measured(SIDES, data, tmp_path, "two.csv", keep=True, shipped=shipped.parent)

    assert (tmp_path / "docs" / "models" / "colours-binary.md").exists()


@pytest.fixture(scope="module")
def kept(data, tmp_path_factory) -> tuple[dict, Path]:
    """A measurement that was kept: its figures, and the folder of the run."""
    folder = tmp_path_factory.mktemp("kept")
    return measured(SIDES, data, folder, "two.csv", keep=True), folder


def test_a_kept_measurement_can_be_recomputed_and_has_no_files(kept):
    figures, folder = kept

    (one,) = all_measurements(folder / "weights", folder / "kept")

    overall = measure(kept_predictions(folder / "kept", one).sample).overall
    for name in ("accuracy", "malignant_auc", "aurc"):
        assert overall[name][0] == pytest.approx(figures[name]["value"], abs=1e-4)
    assert one.card.training["history"] == CARD.training["history"]
    assert one.figures["network_sha256"] == CARD.files["network.tflite"]
    written = {path.name for path in (folder / "kept" / "two").iterdir()}
    assert written == {"colours-binary.seed3.csv", "colours-binary.seed3.json"}
    assert not (folder / "weights").exists()


def test_a_kept_measurement_that_was_renamed_is_not_believed(kept, tmp_path):
    (tmp_path / "two").mkdir()
    content = (kept[1] / "kept" / "two" / "colours-binary.seed3.json").read_text()
    (tmp_path / "two" / "alexnet-binary.json").write_text(content)

    with pytest.raises(CardError, match="alexnet-binary"):
        all_measurements(tmp_path / "weights", tmp_path)


def test_a_network_that_is_shipped_takes_the_place_of_the_one_that_was_kept(kept, tmp_path):
    (one,) = all_measurements(tmp_path, kept[1] / "kept")
    predictions = kept_predictions(kept[1] / "kept", one)
    keep(tmp_path, one.card, one.figures, predictions)

    keep_predictions(tmp_path, one.card, one.split, predictions)

    assert [path.name for path in (tmp_path / one.split).iterdir()] == ["colours-binary.seed3.csv"]


def test_a_crew_answers_like_each_of_its_members():
    squares = np.random.default_rng(0).integers(0, 256, (7, PX, PX, 3), dtype=np.uint8)
    alone, crew = ColourClassifier(), Crew([ColourClassifier() for _ in range(3)])

    assert np.array_equal(crew.logits(squares), alone.logits(squares))
    assert np.array_equal(crew.logits(squares[:1]), alone.logits(squares[:1]))
    assert crew.predict(lesion_picture()) == alone.predict(lesion_picture())


def entry(name: str, split: str, accuracy: tuple[float, float, float], *, seed: int = 0, **found) -> Measurement:
    value, low, high = accuracy
    interval = {"value": value, "low": low, "high": high}
    figures = {"split": split, "n": 100, "lesions": 90, "lesions_learned_from": 0, "accuracy": interval, **found}
    training = {"split": split, "recipe": "source", "seed": seed}
    card = replace(CARD, name=name, training=training, metrics={split: figures})
    return Measurement(card, split, shipped=False)


@pytest.mark.parametrize(
    ("training", "recipe"),
    [
        ({"recipe": "ours", "stages": [{"px": 128, "epochs": 14}, {"px": 192, "epochs": 12}]}, "ours"),
        ({"recipe": "ours", "stages": [{"px": 128, "epochs": 5}, {"px": 160, "epochs": 7}]}, "ours-12"),
        ({"recipe": "ours", "further_members": [{"recipe": "refine"}]}, "ours+refine"),
        ({"recipe": "source", "stages": [{"px": 224, "epochs": 20}]}, "source"),
        ({}, "ours"),
    ],
)
def test_what_was_trained_in_another_way_is_not_taken_for_the_same(training, recipe):
    card = replace(CARD, training=training)

    assert recipe_of(card) == recipe
    assert stem(card) == (NAME if recipe == "ours" else f"{NAME}.{recipe}")


def test_several_seeds_are_a_mean_and_a_range():
    seeds = [entry(NAME, "ham7-grouped", (value, 0, 1), seed=i) for i, value in enumerate((0.80, 0.81, 0.85))]

    assert figure(seeds, "accuracy") == "0.820 (0.800 to 0.850 over 3 seeds)"
    assert figure(seeds[:1], "accuracy") == "0.800 (0.000 to 1.000)"
    assert figure([], "accuracy") == "not measured yet"
    assert [stem(seed.card) for seed in seeds] == [f"{NAME}.source{end}" for end in ("", ".seed1", ".seed2")]


def test_a_difference_has_the_uncertainty_of_both_figures():
    found = difference(Interval(0.90, 0.87, 0.94), Interval(0.84, 0.80, 0.87))

    assert found.value == pytest.approx(0.06)
    assert found.low == pytest.approx(0.06 - np.hypot(0.03, 0.03))
    assert found.high == pytest.approx(0.06 + np.hypot(0.04, 0.04))


def test_the_page_sets_ours_beside_the_source_and_says_what_the_leak_is_worth():
    leaking = entry("resnet50-ham7", "ham7-random", (0.90, 0.87, 0.94))
    honest = entry("resnet50-ham7", "ham7-grouped", (0.84, 0.80, 0.87))

    page = evaluation_page([honest, leaking])

    ours = "0.900 (0.870 to 0.940) | 0.840 (0.800 to 0.870)"
    assert f"| ResNet-50 | 0.838 | `resnet50-ham7` | source | {ours} |" in page
    worth = leak_worth([leaking], [honest], "accuracy")
    assert worth == "+6.0 (+1.8 to +11.7)"
    assert f"| `resnet50-ham7` | source | `ham7-random` | `ham7-grouped` | {worth} | not defined |" in page
    assert "| AlexNet | 0.932 | `alexnet-binary` |  | not measured yet | not measured yet |" in page
    assert json.dumps(page).isascii()
