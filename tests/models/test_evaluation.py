from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from models import card as cards
from models.evaluation.command import evaluate
from models.evaluation.controls import border_only, lesion_masks, paint_out
from models.evaluation.learned import lesions_learned_from
from models.evaluation.metrics import measure
from models.evaluation.predictions import Predictions, read_csv
from models.evaluation.report import rounded
from models.evaluation.stability import VIEWS, flip_rate
from models.evaluation.subgroups import divide, read_attributes
from models.evaluation.with_patients import weigh
from models.labels import HAM7
from models.patient import Evidence, Patient
from models.registry import UnavailableError
from models.training.splits import Photograph
from tests.models.colours import (
    CARD,
    NAME,
    PX,
    ColourClassifier,
    CountingClassifier,
    MirroringClassifier,
    write_table,
)
from tests.pictures import lesion_picture

PICTURES = ("confusion-matrix", "roc-classes", "roc-malignant", "reliability", "risk-coverage", "training-curve")

RISES = tuple(0.4 * i - 1.2 for i in range(7))  # from class to class
EVIDENCE = Evidence(
    {
        "age": {str(age): tuple(rise * (age - 35) / 35 for rise in RISES) for age in range(0, 86, 5)},
        "sex": {"male": (0.0,) * 7, "female": (0.0,) * 7},
        "site": {"back": tuple(reversed(RISES))},
    },
    {"age": 1.0, "sex": 0.0, "site": 0.2},
)


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    """Drawn photographs with metadata, outlines of some lesions, and green pictures of other things."""
    folder = tmp_path_factory.mktemp("data") / "drawn"
    (folder / "images").mkdir(parents=True)
    (folder / "outlines").mkdir()
    for i in range(28):
        lesion_picture(seed=i, size=(64, 48)).save(folder / "images" / f"D_{i:03}.jpg")
    for i in range(10):
        outline = Image.new("1", (64, 64))
        ImageDraw.Draw(outline).ellipse((16, 16, 48, 48), fill=1)
        outline.save(folder / "outlines" / f"D_{i:03}_segmentation.png")
    (folder.parent / "not-lesions").mkdir()
    for i, colour in enumerate(("green", "lime", "red")):
        Image.new("RGB", (64, 64), colour).save(folder.parent / "not-lesions" / f"{i:03}.jpg")
    write_table(folder / "HAM10000_metadata.csv", "image_id,age,sex,localization", metadata())
    write_table(folder / "provenance.csv", "image_id,native_px", [f"D_{i:03},{150 + i % 2 * 74}" for i in range(28)])
    photographs = [f"D_{i:03},L_{i // 2:02},{HAM7.codes[i // 2 % 7]},{part(i)}" for i in range(28)]
    write_table(folder / "drawn.csv", "image_id,lesion_id,label,part", photographs)
    return folder


def part(i: int) -> str:
    return "test" if i < 14 else "validation"


def metadata() -> list[str]:
    return [f"D_{i:03},{'' if i == 0 else i * 5},{('male', 'female', '')[i % 3]},back" for i in range(28)]


@pytest.fixture(scope="module")
def run(data, tmp_path_factory):
    """One evaluation with everything, and the folders it wrote to."""
    base = tmp_path_factory.mktemp("run")
    (base / "weights" / NAME).mkdir(parents=True)
    card = replace(CARD, patient=EVIDENCE.to_dict())
    cards.write_card(base / "weights" / NAME, card)
    figures = evaluate(
        NAME,
        data,
        base / "out",
        split=str(data / "drawn.csv"),
        weights=base / "weights",
        write_card=True,
        classifiers={NAME: ColourClassifier(card)},
        docs=base / "docs",
        shipped=base / "weights",
        kept=base / "measurements",
    )
    return figures, base


@pytest.fixture
def predictions() -> Predictions:
    photographs = tuple(Photograph(f"I_{i}", f"L_{i // 2}", "nv", "test") for i in (3, 0, 1, 2))
    shares = np.full((4, 7), 1 / 7)
    return Predictions(HAM7, photographs, np.full(4, 5), shares)


def test_it_writes_figures_predictions_and_pictures(run):
    _, base = run

    written = {path.name for path in (base / "out").iterdir()}

    expected = {
        "metrics.json",
        "predictions.csv",
        "validation-predictions.csv",
        *(f"{n}.png" for n in PICTURES),
    }
    assert written == expected


def test_the_json_holds_what_is_returned_and_no_nan(run):
    figures, base = run

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    written = json.loads((base / "out" / "metrics.json").read_text(), parse_constant=refuse)

    assert written == {"model": NAME, "test": json.loads(json.dumps(figures))}


def test_written_probabilities_are_those_that_are_served(run, data):
    _, base = run
    classifier = ColourClassifier()

    with (base / "out" / "predictions.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))

    assert len(rows) == 14
    for row in rows:
        with Image.open(data / "images" / f"{row['image_id']}.jpg") as image:
            served = classifier.predict(image).probabilities
        assert {code: float(row[code]) for code in HAM7.codes} == pytest.approx(served, abs=1e-5)


def test_every_figure_can_be_recomputed_from_the_predictions(run):
    figures, base = run

    overall = measure(read_csv(base / "out" / "predictions.csv", HAM7).sample).overall

    for name, values in overall.items():
        assert figures[name]["value"] == pytest.approx(float(values[0]), abs=1e-12)
        assert figures[name]["low"] <= figures[name]["high"]


def test_only_test_photographs_are_measured_and_only_validation_sets_thresholds(run):
    figures, base = run
    validation = read_csv(base / "out" / "validation-predictions.csv", HAM7, "validation")
    test = read_csv(base / "out" / "predictions.csv", HAM7)

    assert {p.image_id for p in test.photographs} == {f"D_{i:03}" for i in range(14)}
    assert {p.image_id for p in validation.photographs} == {f"D_{i:03}" for i in range(14, 28)}
    lowest = validation.sample.malignancy[validation.sample.malignant].min()
    assert figures["operating_points"]["sensitivity_95"]["threshold"] == lowest


def test_figures_carry_where_they_come_from(run):
    figures, _ = run

    assert (figures["split"], figures["n"], figures["lesions"], figures["seed"]) == ("drawn", 14, 7, 3)
    assert figures["lesions_learned_from"] == 0
    assert figures["network_sha256"] == "0" * 64
    assert len(figures["data_sha256"]) == 64
    assert figures["bootstrap"] == {"over": "lesions", "resamples": 1000, "seed": 0}


def test_lesions_that_training_or_validation_saw_are_counted(predictions, tmp_path):
    rows = ["I_9,L_1,nv,train", "I_0,another,nv,validation", "I_8,L_8,nv,train"]
    write_table(tmp_path / "drawn.csv", "image_id,lesion_id,label,part", rows)

    assert lesions_learned_from(CARD, str(tmp_path / "drawn.csv"), predictions.photographs) == 2
    assert lesions_learned_from(CARD, "another", predictions.photographs) is None


def test_each_photograph_is_in_one_group_of_each_attribute(run):
    figures, _ = run

    assert list(figures["subgroups"]) == ["age", "sex", "site", "native_px"]
    for groups in figures["subgroups"].values():
        assert sum(group["n"] for group in groups.values()) == 14
    assert list(figures["subgroups"]["native_px"]) == ["150", "224"]
    assert sum(figures["lesions_by_patient"].values()) == 7


def test_controls_are_reported_with_the_number_of_pictures(run):
    controls = run[0]["controls"]

    assert controls["border_only"]["n"] == controls["border_only"]["lesions"] == 7
    assert controls["lesion_blanked"]["n"] == 5  # two lesions have no outline
    assert controls["flip_rate"]["lesions"] == 7
    assert controls["refused_other_things"] == {"n": 3, "rate": 2 / 3, "reasons": {"unfamiliar": 2}}
    assert controls["refused_lesions"] == {"n": 14, "rate": 0.0, "reasons": {}}


def test_the_card_gets_the_figures_of_its_split_and_the_thresholds(run):
    figures, base = run

    card = cards.read_card(base / "weights" / NAME)

    assert card.held_out("accuracy").value == pytest.approx(figures["accuracy"]["value"], abs=1e-5)
    assert card.metrics["drawn"] == json.loads(json.dumps(rounded(figures)))
    assert card.operating_points == {n: p["threshold"] for n, p in figures["operating_points"].items()}


def test_the_page_shows_figures_tables_pictures_and_limits(run):
    figures, base = run

    page = (base / "docs" / "models" / f"{NAME}.md").read_text()

    accuracy = figures["accuracy"]
    assert f"| Accuracy | {accuracy['value']:.3f} ({accuracy['low']:.3f} to {accuracy['high']:.3f}) |" in page
    assert "| Melanoma (`mel`) | 2 |" in page
    assert "| Pictures of other things | 3 | 66.7% | unfamiliar 2 |" in page
    assert "- Knows colours only." in page
    for name in PICTURES:
        assert f"({NAME}/{name}.png)" in page
        assert (base / "docs" / "models" / NAME / f"{name}.png").stat().st_size < 100_000


def test_what_is_known_of_the_patients_is_weighed_in_and_shown_beside_the_photographs_alone(run):
    figures, base = run
    kept = read_csv(base / "out" / "predictions.csv", HAM7)
    ages = [Patient(age=None if i == 0 else i * 5, site="back") for i in range(14)]

    weighed = weigh(EVIDENCE, kept.probabilities, ages)

    found = figures["with_patient"]
    assert found["facts"] == ["age", "site"]
    assert found["accuracy"]["value"] == pytest.approx((weighed.argmax(axis=1) == kept.labels).mean())
    assert found["malignant_auc"] != figures["malignant_auc"]
    page = (base / "docs" / "models" / f"{NAME}.md").read_text()
    assert "### With the patient's age and site" in page
    assert f"{found['accuracy']['value']:.3f} ({found['accuracy']['low']:.3f}" in page


def test_a_quick_run_leaves_controls_out_and_the_card_alone(data, tmp_path):
    figures = evaluate(
        NAME,
        data,
        tmp_path / "out",
        split=str(data / "drawn.csv"),
        weights=tmp_path / "weights",
        write_card=False,
        quick=True,
        classifiers={NAME: ColourClassifier()},
    )

    assert figures["controls"] == {}
    assert not (tmp_path / "weights").exists()


def test_a_card_that_changed_meanwhile_is_not_given_the_figures_of_another_network(data, tmp_path):
    (tmp_path / NAME).mkdir()
    cards.write_card(tmp_path / NAME, replace(CARD, files={"network.tflite": "1" * 64}))

    with pytest.raises(cards.CardError, match="changed"):
        evaluate(
            NAME,
            data,
            tmp_path / "out",
            split=str(data / "drawn.csv"),
            weights=tmp_path,
            write_card=True,
            quick=True,
            classifiers={NAME: ColourClassifier()},
            docs=tmp_path / "docs",
            shipped=tmp_path,
            kept=tmp_path / "measurements",
        )

    assert cards.read_card(tmp_path / NAME).metrics == {}


def test_a_classifier_without_its_files_is_not_available(data, tmp_path):
    (tmp_path / NAME).mkdir()
    cards.write_card(tmp_path / NAME, CARD)

    with pytest.raises(UnavailableError):
        evaluate(NAME, data, tmp_path / "out", split=str(data / "drawn.csv"), weights=tmp_path, write_card=False)


def test_a_missing_photograph_is_named(tmp_path):
    write_table(tmp_path / "s.csv", "image_id,lesion_id,label,part", ["gone,L,nv,test"])

    with pytest.raises(FileNotFoundError, match=r"gone\.jpg"):
        evaluate(
            NAME,
            tmp_path,
            tmp_path / "out",
            split=str(tmp_path / "s.csv"),
            weights=tmp_path,
            write_card=False,
            classifiers={NAME: ColourClassifier()},
        )


def test_border_only_keeps_the_border_and_hides_the_rest():
    pixels = np.random.default_rng(0).integers(0, 256, (2, 20, 20, 3), dtype=np.uint8)

    bordered = border_only(pixels)

    assert np.array_equal(bordered[:, :3], pixels[:, :3])
    assert np.array_equal(bordered[:, :, 17:], pixels[:, :, 17:])
    assert all(len(np.unique(square[3:17, 3:17].reshape(-1, 3), axis=0)) == 1 for square in bordered)


def test_what_is_painted_out_leaves_no_trace_in_the_colour():
    hidden = np.zeros((1, 4, 4), dtype=bool)
    hidden[0, 1, 1] = True
    dark, light = np.full((1, 4, 4, 3), 100, dtype=np.uint8), np.full((1, 4, 4, 3), 100, dtype=np.uint8)
    dark[0, 1, 1], light[0, 1, 1] = 0, 255

    assert np.array_equal(paint_out(dark, hidden), paint_out(light, hidden))


def test_an_outline_is_grown_by_its_rim(data):
    mask, absent = lesion_masks(["D_000", "D_027"], data, 64)

    assert absent is None
    assert mask[32, 13]
    assert not mask[32, 8]


def test_a_classifier_that_looks_at_one_side_only_changes_its_mind(predictions):
    pixels = np.zeros((4, PX, PX, 3), dtype=np.uint8)
    pixels[:, : PX // 2] = 255
    classifier = ColourClassifier()
    shares = classifier.probabilities(classifier.logits(pixels))

    found = flip_rate(classifier, replace(predictions, probabilities=shares), pixels, threshold=0.5)

    assert found["class_changes"] == found["by_view"]["mirrored top to bottom"] == 1.0
    assert found["by_view"]["mirrored left to right"] == found["side_by_view"]["mirrored left to right"] == 0.0
    plain = float(np.mean(shares.argmax(axis=1) == predictions.labels))
    assert found["accuracy_by_view"]["mirrored left to right"] == plain


def test_a_network_that_sees_its_mirror_images_is_not_asked_for_them_again(predictions):
    classifier = CountingClassifier()
    pixels = np.zeros((4, PX, PX, 3), dtype=np.uint8)

    found = flip_rate(classifier, predictions, pixels)

    assert classifier.asked == 3 * 4  # turned by 90 degrees, darker, brighter
    assert set(found["by_view"]) == set(VIEWS)
    assert found["by_view"]["turned by 270 degrees"] == found["by_view"]["turned by 90 degrees"]


@pytest.mark.parametrize(("views", "members"), [(4, 1), (8, 1), (4, 2), (8, 2)])
def test_what_a_mirroring_network_is_not_asked_it_would_have_answered_so(views, members):
    rng = np.random.default_rng(0)
    levels, rows = rng.integers(90, 166, (60, 1, 1, 3)), rng.integers(-80, 80, (60, PX, 1, 3))
    pixels = (levels + rows).clip(0, 255).astype(np.uint8)
    silent, frank = (MirroringClassifier(views, members, says_so=says_so) for says_so in (False, True))
    photographs = tuple(Photograph(f"I_{i}", f"L_{i}", "nv", "test") for i in range(60))
    answered = Predictions.of(HAM7, photographs, silent.probabilities(silent.logits(pixels)))

    found = flip_rate(silent, answered, pixels, 0.4)
    assert flip_rate(frank, answered, pixels, 0.4) == found
    assert found["by_view"]["turned by 90 degrees"] > 0


def test_views_keep_shape_and_range():
    pixels = np.random.default_rng(0).integers(0, 256, (2, 8, 8, 3), dtype=np.uint8)

    for view in VIEWS.values():
        seen = view(pixels)
        assert (seen.shape, seen.dtype) == (pixels.shape, pixels.dtype)
    assert np.array_equal(VIEWS["10 % brighter"](np.full((1, 1, 1, 3), 250, dtype=np.uint8)).max(), 255)


def test_the_first_photograph_by_id_stands_for_its_lesion(predictions):
    assert predictions.first_of_each_lesion().tolist() == [False, True, False, True]  # I_3, I_0, I_1, I_2


def test_groups_are_in_reading_order_and_the_unknown_last(predictions):
    ages = ["unknown", "75 and over", "30 to 44", "under 30"]
    attributes = {f"I_{i}": {"age": ages[i]} for i in range(4)}

    groups = divide(predictions, attributes)["age"]

    assert list(groups) == ["under 30", "30 to 44", "75 and over", "unknown"]


def test_without_tables_there_are_no_subgroups(predictions, tmp_path):
    assert divide(predictions, read_attributes(tmp_path)) == {}
