"""``python -m models evaluate``: measure the network that serves on photographs it was not trained on."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from models import card as cards
from models.calibration import operating_points
from models.card import Card
from models.evaluation import card_page, figures, report
from models.evaluation.controls import on_borders, without_lesions
from models.evaluation.predictions import Measurable, Pixels, Predictions, predict_photographs, write_csv
from models.evaluation.refusal import pictures_of_other_things, refusal_rate
from models.evaluation.stability import flip_rate
from models.evaluation.subgroups import read_attributes
from models.evaluation.summary import put_summary
from models.prediction import Classifier
from models.registry import Registry
from models.training import splits
from models.training.data import index_images, load_images
from models.training.splits import Photograph

DOCS = Path(__file__).parents[2] / "docs" / "models"
SMALL_DPI = 80


def evaluate(
    name: str,
    data: Path,
    out: Path,
    *,
    split: str,
    weights: Path,
    write_card: bool,
    quick: bool = False,
    classifiers: Mapping[str, Classifier] | None = None,
    docs: Path = DOCS,
) -> dict[str, Any]:
    """Write metrics.json, predictions.csv and the pictures into `out`; return the figures on the test part.

    `quick` leaves out the controls. With `write_card`, the figures also go onto the card, its page into `docs`, and
    the most important of them into the README two folders above. Thresholds come from the card, or else from the
    validation photographs. KeyError if there is no such classifier, UnavailableError if it can't be loaded,
    FileNotFoundError if the split or a photograph is missing.
    """
    registry = Registry(weights) if classifiers is None else classifiers
    classifier = cast("Measurable", registry[name])
    out.mkdir(parents=True, exist_ok=True)
    validation, _ = _classify(classifier, splits.for_training(split)[1], data, "validation")
    test, pixels = _classify(classifier, splits.for_testing(split), data, "test")
    thresholds = dict(classifier.card.operating_points) or _thresholds(validation)
    found = _figures(classifier.card, split, test, data, thresholds)
    found["controls"] = {} if quick else _controls(classifier, test, pixels, data, thresholds)
    result = {
        "model": name,
        "operating_points": thresholds,
        "test": found,
        "validation": report.full_figures(validation),
    }
    write_csv(out / "predictions.csv", test)
    write_csv(out / "validation-predictions.csv", validation)
    (out / "metrics.json").write_text(json.dumps(result, indent=1) + "\n")
    figures.draw_all(out, classifier.card, test, found)
    if write_card:
        card = _put_on_card(weights / name, classifier.card, found, thresholds)
        figures.draw_all(docs / name, card, test, found, dpi=SMALL_DPI)
        card_page.write_card_page(card, docs)
        _put_in_readme(card, docs.parents[1] / "README.md")
    return found


def _classify(
    classifier: Measurable, photographs: Sequence[Photograph], data: Path, title: str
) -> tuple[Predictions, Pixels]:
    images = load_images(photographs, data, classifier.task, classifier.card.input_px)
    return predict_photographs(classifier, photographs, images.pixels, title), images.pixels


def _thresholds(validation: Predictions) -> dict[str, float]:
    return operating_points(validation.sample.malignant, validation.sample.malignancy)


def _figures(card: Card, split: str, test: Predictions, data: Path, thresholds: Mapping[str, float]) -> dict[str, Any]:
    return {
        **report.provenance(card, split, test, data),
        **report.full_figures(test),
        "operating_points": report.at_operating_points(test, thresholds),
        "subgroups": report.by_subgroup(test, read_attributes(data), thresholds),
    }


def _controls(
    classifier: Measurable, test: Predictions, pixels: Pixels, data: Path, thresholds: Mapping[str, float]
) -> dict[str, Any]:
    """Return the figures without the lesion, the flip rate and the refusal rates, as far as there is data."""
    paths = index_images(data)
    blanked = without_lesions(classifier, test, pixels, data)
    strangers = pictures_of_other_things(data)
    lesions = [paths[photograph.image_id] for photograph in test.photographs]
    found: dict[str, Any] = {
        "border_only": report.core_figures(on_borders(classifier, test, pixels), {}),
        "flip_rate": flip_rate(classifier, test, pixels, thresholds.get("sensitivity_95")),
        "refused_lesions": refusal_rate(classifier, lesions, "refusal of lesions"),
    }
    if blanked is not None:
        found["lesion_blanked"] = report.core_figures(blanked, {})
    if strangers:
        found["refused_other_things"] = refusal_rate(classifier, strangers, "refusal of other things")
    return found


def _put_on_card(folder: Path, measured: Card, found: dict[str, Any], thresholds: dict[str, float]) -> Card:
    """Put the figures onto the card; CardError if the card is no longer that of the measured network."""
    card = cards.read_card(folder)
    if card.files != measured.files:
        raise cards.CardError(f"{card.name} has changed while it was measured")
    metrics = {**card.metrics, found["split"]: report.rounded(found)}
    card = replace(card, metrics=metrics, operating_points=thresholds)
    cards.write_card(folder, card)
    return card


def _put_in_readme(card: Card, readme: Path) -> None:
    if readme.exists():
        put_summary(card, readme)
