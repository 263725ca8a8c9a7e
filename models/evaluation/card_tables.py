"""The tables of a model card's page: one section for each split that was measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from models.card import Card
from models.evaluation.card_controls import controls
from models.evaluation.floors import FLOORS
from models.evaluation.markdown import header, interval, row, words
from models.labels import TASKS
from models.operating_point import predictive_values

OVERALL = {
    "accuracy": "Accuracy",
    "balanced_accuracy": "Balanced accuracy (mean recall)",
    "macro_precision": "Macro precision",
    "macro_f1": "Macro F1",
    "weighted_f1": "Weighted F1",
    "macro_auc": "Macro AUC, one against the rest",
    "malignant_auc": "AUC, malignant against benign",
    "sensitivity_at_90_specificity": "Sensitivity at 90 % specificity",
    "sensitivity_at_95_specificity": "Sensitivity at 95 % specificity",
    "specificity_at_90_sensitivity": "Specificity at 90 % sensitivity",
    "specificity_at_95_sensitivity": "Specificity at 95 % sensitivity",
    "melanoma_recall_at_95_sensitivity": "Melanoma recall at 95 % sensitivity",
    "accuracy_at_90_coverage": "Accuracy where the surest 90 % are answered",
    "accuracy_at_80_coverage": "Accuracy where the surest 80 % are answered",
    "aurc": "Area under the curve of error over coverage",
    "ece": "Expected calibration error, 15 bins",
    "brier": "Brier score, 0 to 2",
}
OF_CLASS = {"precision": "Precision", "recall": "Recall", "f1": "F1", "auc": "AUC"}
OF_GROUP = {
    "accuracy": "Accuracy",
    "balanced_accuracy": "Balanced accuracy",
    "malignant_auc": "Malignant AUC",
    "sensitivity": "Sensitivity",
    "specificity": "Specificity",
}
AT_POINT = {"sensitivity": "Sensitivity", "specificity": "Specificity", "melanoma_recall": "Melanoma recall"}
SHOWN_POINT = "sensitivity_95"
PREVALENCES = (0.02, 0.05, 0.1, 0.2, 0.4)
ATTRIBUTES = {
    "age": "Age, years",
    "sex": "Sex",
    "site": "Body site",
    "native_px": "Height of the source photograph, px",
}


def measured(card: Card, split: str, found: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of the section on one split, from the card's figures `found`."""
    yield from _protocol(split, found)
    yield from _overall(split, found)
    yield from _classes(card, found)
    yield from _operating_points(found)
    yield from _predictive_values(found)
    yield from _subgroups(found)
    yield from _with_patient(found)
    yield from controls(found)


def told(value: Any) -> str:
    """Say a fact of the card in a table's cell."""
    if value is None:
        return "none"
    if isinstance(value, Mapping):
        return ", ".join(f"{words(str(name))} {told(part)}" for name, part in value.items())
    if isinstance(value, (list, tuple)):
        return "; ".join(told(part) for part in value)
    return f"{value}"


def _protocol(split: str, found: Mapping[str, Any]) -> Iterator[str]:
    drawn = found["bootstrap"]
    yield from [f"## Measured on {split}", ""]
    yield (
        f"{found['n']:,} test photographs of {found['lesions']:,} lesions, {_overlap(found)}. "
        "What was measured is the compiled network that serves. In "
        f"brackets: 95 % percentile intervals from {drawn['resamples']:,} bootstrap resamples over "
        f"{drawn['over']}, seed {drawn['seed']}."
    )
    yield ""
    yield f"- version {found['version']}, network SHA-256 `{found['network_sha256']}`"
    yield f"- photographs' SHA-256 `{found['data_sha256']}` (over ids and files)"
    yield f"- training seed {found['seed']}, started from: {told(found['pretrained'])}"
    yield ""


def _overlap(found: Mapping[str, Any]) -> str:
    known = found["lesions_learned_from"]
    if known is None:
        return "of which it is not known whether training saw them too"
    if known:
        return f"**{known:,} of which training or validation saw too: these figures leak, and flatter**"
    if found.get("left_out"):
        return f"none of which training or validation saw ({found['left_out']:,} photographs were left out for that)"
    return "none of which training or validation saw"


def _overall(split: str, found: Mapping[str, Any]) -> Iterator[str]:
    floors = FLOORS.get(split, {})
    shown = [(name, title) for name, title in OVERALL.items() if name in found]
    yield from header(["Figure", "Value", *floors])
    for name, title in shown:
        yield row([title, interval(found[name]), *(_floor(figures.get(name)) for figures in floors.values())])
    yield ""
    if floors:
        yield "Floors are what is reached without a network; the classifier must be clearly above them."
        yield ""


def _with_patient(found: Mapping[str, Any]) -> Iterator[str]:
    weighed = found.get("with_patient")
    if not weighed:
        return
    facts = " and ".join(words(fact) for fact in weighed["facts"])
    shown = [(name, title) for name, title in OVERALL.items() if name in weighed]
    yield from [f"### With the patient's {facts}", ""]
    yield "What is known of the patient is weighed in by Bayes' rule, as it goes with the diagnoses in training:"
    yield ""
    yield from header(["Figure", "From the photograph alone", f"With {facts}"])
    for name, title in shown:
        yield row([title, interval(found[name]), interval(weighed[name])])
    yield ""


def _classes(card: Card, found: Mapping[str, Any]) -> Iterator[str]:
    yield from ["### By class", ""]
    yield from header(["Class", "n", *OF_CLASS.values()])
    for label in TASKS[found.get("task", card.task.name)].labels:
        figures = found["per_class"][label.code]
        cells = [f"{label.name} (`{label.code}`)", str(figures["n"])]
        yield row([*cells, *(interval(figures[name]) for name in OF_CLASS)])
    yield ""


def _operating_points(found: Mapping[str, Any]) -> Iterator[str]:
    points = found["operating_points"]
    if not points:
        return
    names = [name for name in AT_POINT if any(name in point for point in points.values())]
    yield from ["### At the thresholds chosen on validation", ""]
    yield from header(["Aimed at on validation", "Threshold", *(AT_POINT[name] for name in names)])
    for aim, point in points.items():
        cells = [f"{words(aim)} %", f"{point['threshold']:.4f}"]
        yield row([*cells, *(interval(point.get(name)) for name in names)])
    yield ""


def _predictive_values(found: Mapping[str, Any]) -> Iterator[str]:
    point = found["operating_points"].get(SHOWN_POINT)
    if not point or not point["sensitivity"] or not point["specificity"]:
        return
    yield f"At the threshold for {words(SHOWN_POINT)} %, by the share of malignant lesions among those looked at:"
    yield ""
    yield from header(["Malignant", "Positive predictive value", "Negative predictive value"])
    for share in PREVALENCES:
        values = predictive_values(point["sensitivity"]["value"], point["specificity"]["value"], share)
        yield row([f"{share:.0%}", *("not defined" if value is None else f"{value:.3f}" for value in values)])
    yield ""


def _subgroups(found: Mapping[str, Any]) -> Iterator[str]:
    if not found["subgroups"]:
        return
    yield from ["### By subgroup", ""]
    yield "Sensitivity and specificity are those at the threshold for 95 % sensitivity on validation."
    yield ""
    for attribute, groups in found["subgroups"].items():
        names = [name for name in OF_GROUP if any(name in figures for figures in groups.values())]
        yield from header([ATTRIBUTES.get(attribute, attribute), "n", *(OF_GROUP[name] for name in names)])
        for group, figures in groups.items():
            yield row([group, str(figures["n"]), *(interval(figures.get(name)) for name in names)])
        yield ""


def _floor(figure: float | None) -> str:
    return "" if figure is None else f"{figure:.3f}"
