"""``python -m models evaluate``: measure the network that serves on photographs it was not trained on."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from models import card as cards
from models.calibration import operating_points
from models.card import Card
from models.evaluation import figures, measurements, report
from models.evaluation.controls import drawn_lesions, on_borders, without_lesions
from models.evaluation.crew import Crew
from models.evaluation.curves import curves
from models.evaluation.folding import common_ground
from models.evaluation.learned import REFUSE, is_own, without_learned
from models.evaluation.pages import DOCS, write_pages
from models.evaluation.predictions import Measurable, Predictions, predict_files, predict_photographs, write_csv
from models.evaluation.refusal import pictures_of_other_things, refusal_rate
from models.evaluation.spread import spread
from models.evaluation.stability import flip_rate, served_views
from models.evaluation.subgroups import read_attributes
from models.evaluation.with_patients import with_patients
from models.prediction import Classifier, Prediction
from models.training import splits
from models.training.data import load_images
from models.training.evidence import read_patients
from models.training.splits import SplitError

SMALL_DPI = 80


@dataclass(frozen=True, slots=True)
class Tested:
    """The test photographs, and every answer in full; `classifier` names the classes that they are labelled with."""

    classifier: Measurable
    predictions: Predictions
    answers: Sequence[Prediction]
    thresholds: Mapping[str, float]


def evaluate(
    name: str,
    data: Path,
    out: Path,
    *,
    split: str | None,
    weights: Path,
    write_card: bool = False,
    keep: bool = False,
    quick: bool = False,
    seen_lesions: str = REFUSE,
    classifiers: Mapping[str, Classifier] | None = None,
    docs: Path = DOCS,
    kept: Path = measurements.MEASUREMENTS,
    shipped: Path = measurements.WEIGHTS,
) -> dict[str, Any]:
    """Write metrics.json, predictions.csv and the pictures into `out`; return the figures on the test part of a split.

    The split is that of the classifier's training if none is named.
    `quick` leaves out the controls. With `write_card` the figures also go onto the card, with `keep` into a file of
    their own; either way the predictions are kept, and the pages in `docs` written anew, which are about what is
    `shipped`, wherever the measured `weights` are. Thresholds come from the card, or else from the validation
    photographs of the split that the classifier was trained for.
    KeyError if there is no such classifier, UnavailableError if it can't be loaded, FileNotFoundError if the split or
    a photograph is missing; LeakError, unless `seen_lesions` says otherwise, if training saw test lesions of a split
    that it was not meant for.
    """
    classifier = Crew.load(weights, name) if classifiers is None else cast("Measurable", classifiers[name])
    split = split or str(classifier.card.training["split"])
    out.mkdir(parents=True, exist_ok=True)
    tested = _test(classifier, split, data, out, seen_lesions)
    found = _figures(classifier.card, split, tested, data)
    found["controls"] = {} if quick else _controls(tested, data)
    (out / "metrics.json").write_text(json.dumps({"model": name, "test": found}, indent=1) + "\n")
    write_csv(out / "predictions.csv", tested.predictions)
    figures.draw_all(out, classifier.card, tested.predictions, found)
    if write_card:
        card = _put_on_card(weights / name, classifier.card, found, tested.thresholds)
        measurements.keep_predictions(kept, card, found["split"], tested.predictions)
        if is_own(card, split):
            figures.draw_all(docs / "models" / name, card, tested.predictions, found, dpi=SMALL_DPI)
    if keep:
        measurements.keep(kept, classifier.card, found, tested.predictions)
    if write_card or keep:
        write_pages(shipped, kept, docs)
    return found


def _test(classifier: Measurable, split: str, data: Path, out: Path, seen_lesions: str) -> Tested:
    photographs = without_learned(classifier.card, split, splits.for_testing(split), seen_lesions)
    if not photographs:
        raise SplitError(f"{split} has no test photograph to measure {classifier.name} on")
    asked, photographs = common_ground(classifier, photographs)
    thresholds = dict(classifier.card.operating_points) or _thresholds(asked, split, data, out)
    predictions, answers = predict_photographs(asked, photographs, data, "test")
    return Tested(asked, predictions, answers, thresholds)


def _thresholds(classifier: Measurable, split: str, data: Path, out: Path) -> dict[str, float]:
    """Choose operating points on validation photographs; none where those are not the classifier's own."""
    if not is_own(classifier.card, split):
        return {}
    _, photographs = splits.for_training(split)
    validation, _ = predict_photographs(classifier, photographs, data, "validation")
    write_csv(out / "validation-predictions.csv", validation)
    return operating_points(validation.sample.malignant, validation.sample.malignancy)


def _figures(card: Card, split: str, tested: Tested, data: Path) -> dict[str, Any]:
    attributes, predictions = read_attributes(data), tested.predictions
    weighed = with_patients(card, predictions, read_patients(data))
    found = {
        **report.provenance(card, split, predictions, data),
        **report.full_figures(predictions),
        "operating_points": report.at_operating_points(predictions, tested.thresholds),
        "subgroups": report.by_subgroup(predictions, attributes, tested.thresholds),
        "lesions_by_patient": report.lesions_by_patient(predictions, attributes),
        "curves": curves(predictions.sample),
        "spread": spread(predictions.sample),
    }
    return found if weighed is None else found | {"with_patient": weighed}


def _controls(tested: Tested, data: Path) -> dict[str, Any]:
    """Return the figures without the lesion, the flip rate and the refusal rates, as far as there is data.

    All but the refusals are measured on one photograph of each of the lesions that are drawn.
    """
    classifier = tested.classifier
    one_each = tested.predictions.where(tested.predictions.first_of_each_lesion())
    few = one_each.where(drawn_lesions(len(one_each)))
    pixels = load_images(few.photographs, data, classifier.task, classifier.card.input_px).pixels
    blanked = without_lesions(classifier, few, pixels, data)
    strangers = pictures_of_other_things(data)
    found: dict[str, Any] = {
        "border_only": report.core_figures(on_borders(classifier, few, pixels), {}),
        "flip_rate": flip_rate(classifier, few, pixels, tested.thresholds.get("sensitivity_95")),
        "refused_lesions": refusal_rate(tested.answers),
    }
    if blanked is not None:
        found["lesion_blanked"] = report.core_figures(blanked, {})
    if strangers:
        found["refused_other_things"] = refusal_rate(predict_files(classifier, strangers, "other things"))
    views = served_views(tested.answers)
    return found if views is None else found | {"served_views": views}


def _put_on_card(folder: Path, measured: Card, found: dict[str, Any], thresholds: Mapping[str, float]) -> Card:
    """Put the figures onto the card; CardError if the card is no longer that of the measured network."""
    card = cards.read_card(folder)
    if card.files != measured.files:
        raise cards.CardError(f"{card.name} has changed while it was measured")
    metrics = {**card.metrics, found["split"]: report.rounded(found)}
    card = replace(card, metrics=metrics, operating_points=dict(thresholds))
    cards.write_card(folder, card)
    return card
