"""The pictures of an evaluation: confusion matrix, ROC, reliability, risk against coverage, training curve."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from models.card import Card
from models.evaluation.bootstrap import TAIL, lesion_weights
from models.evaluation.metrics import confusion, reliability
from models.evaluation.predictions import Predictions
from models.evaluation.ranking import Floats, Ranking, ratio
from models.evaluation.risk_coverage import accuracy_at
from models.evaluation.sample import Sample
from models.labels import BINARY

# Okabe and Ito's colours (Color universal design, 2008): told apart with any kind of colour vision
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
STYLES = ("-", "--", "-.", ":", "-", "--", "-.")
GREY = "#767676"
COVERED = np.arange(1, 21) / 20  # shares that are answered
DARK_CELL = 0.55  # of the colour scale: above it, numbers are white


def draw_all(
    folder: Path, card: Card, predictions: Predictions, report: Mapping[str, Any], dpi: int = 150
) -> tuple[Path, ...]:
    """Write every picture into a folder as PNG, return the paths; `report` has the predictions' figures."""
    sample, history = predictions.sample, card.training.get("history", ())
    caption = (
        f"{card.name} {card.version}: {report['split']}, test, "
        f"n = {report['n']:,} photographs of {report['lesions']:,} lesions"
    )
    drawings: dict[str, Callable[[], Figure]] = {
        "confusion-matrix": lambda: confusion_matrix(sample, caption),
        "roc-malignant": lambda: roc_malignant(sample, caption, report),
        "reliability": lambda: reliability_diagram(sample, caption, report),
        "risk-coverage": lambda: risk_coverage_curve(predictions, caption),
    }
    if sample.task is not BINARY:  # of two classes, the curves would be those of malignancy
        drawings["roc-classes"] = lambda: roc_by_class(sample, caption, report["per_class"])
    if history:
        trained = f"{card.name} {card.version}: {card.training.get('split')}, training and validation"
        drawings["training-curve"] = lambda: training_curve(history, trained)
    folder.mkdir(parents=True, exist_ok=True)
    paths = tuple(folder / f"{name}.png" for name in drawings)
    for path, draw in zip(paths, drawings.values(), strict=True):
        draw().savefig(path, dpi=dpi, metadata={"Software": None})
    return paths


def confusion_matrix(sample: Sample, caption: str) -> Figure:
    """Draw counts, and beside them the shares of each true class."""
    counts = confusion(sample)[0]
    figure, axes = _page("Confusion matrix", caption, columns=2, size=(11.5, 5.6))
    _cells(axes[0], counts, sample.task.codes, "{:.0f}", "Photographs")
    _cells(
        axes[1],
        ratio(counts, counts.sum(axis=1, keepdims=True)),
        sample.task.codes,
        "{:.2f}",
        "Share of the true class",
    )
    return figure


def roc_by_class(sample: Sample, caption: str, per_class: Mapping[str, Any]) -> Figure:
    """Draw the curve of each class against all others."""
    figure, (axis,) = _page("ROC curves, each class against all others", caption)
    _roc_axis(axis)
    for i, code in enumerate(sample.task.codes):
        ranking = Ranking.of(sample.probabilities[:, i], sample.labels == i, sample.weights)
        label = f"{code}  {_with_interval(per_class[code]['auc'])}"
        axis.plot(1 - ranking.specificity[0], ranking.sensitivity[0], STYLES[i], color=COLOURS[i], label=label)
    axis.legend(loc="lower right", title="AUC (95 % interval)", fontsize=8, title_fontsize=8, frameon=False)
    return figure


def roc_malignant(sample: Sample, caption: str, report: Mapping[str, Any]) -> Figure:
    """Draw the curve of malignancy, and where the thresholds chosen on validation lie on it."""
    figure, (axis,) = _page("ROC curve, malignant against benign", caption)
    _roc_axis(axis)
    ranking = Ranking.of(sample.malignancy, sample.malignant, sample.weights)
    label = f"AUC {_with_interval(report['malignant_auc'])}"
    axis.plot(1 - ranking.specificity[0], ranking.sensitivity[0], color=COLOURS[0], label=label)
    for i, (name, point) in enumerate(report["operating_points"].items()):
        if point["sensitivity"] is None or point["specificity"] is None:
            continue
        x, y = 1 - point["specificity"]["value"], point["sensitivity"]["value"]
        axis.plot(x, y, "os^D"[i % 4], color=COLOURS[1], label=f"{name.replace('_', ' ')} % on validation")
    axis.legend(loc="lower right", fontsize=8, frameon=False)
    return figure


def reliability_diagram(sample: Sample, caption: str, report: Mapping[str, Any]) -> Figure:
    """Draw accuracy over confidence in 15 bins, above how many photographs are in each."""
    weight, confidence, hits = (sums[0] for sums in reliability(sample))
    figure = _figure("Reliability of the confidence", caption, (6.4, 6.4))
    top, bottom = figure.subplots(2, 1, height_ratios=(3, 1), sharex=True)
    edges = np.linspace(0, 1, len(weight) + 1)
    top.plot((0, 1), (0, 1), color=GREY, linewidth=1, linestyle="--", label="perfectly calibrated")
    ece = _with_interval(report["ece"])
    top.plot(ratio(confidence, weight), ratio(hits, weight), "o-", color=COLOURS[0], label=f"measured; ECE {ece}")
    bottom.bar(edges[:-1], weight, width=np.diff(edges), align="edge", color=COLOURS[5], edgecolor="white")
    top.set(ylabel="Accuracy", xlim=(0, 1), ylim=(0, 1))
    top.legend(loc="upper left", fontsize=8, frameon=False)
    bottom.set(xlabel="Probability of the most probable class", ylabel="Photographs")
    return figure


def risk_coverage_curve(predictions: Predictions, caption: str) -> Figure:
    """Draw the accuracy of the surest answers over the share that is answered, with its interval."""
    sample = predictions.sample
    resampled = replace(sample, weights=lesion_weights(predictions.lesions))
    accuracy = [accuracy_at(sample, share)[0] for share in COVERED]
    low, high = np.nanpercentile([accuracy_at(resampled, share) for share in COVERED], [TAIL, 100 - TAIL], axis=1)
    figure, (axis,) = _page("Accuracy of the surest answers", caption, size=(6.4, 4.8))
    axis.fill_between(COVERED, low, high, color=COLOURS[5], alpha=0.35, linewidth=0, label="95 % interval")
    axis.plot(COVERED, accuracy, "o-", markersize=3, color=COLOURS[0], label="accuracy")
    axis.set(xlabel="Share of photographs answered, the surest first", ylabel="Accuracy", xlim=(0, 1))
    axis.grid(alpha=0.25)
    axis.legend(loc="lower left", fontsize=8, frameon=False)
    return figure


def training_curve(history: Sequence[Mapping[str, Any]], caption: str) -> Figure:
    """Draw training loss by epoch and, where they were measured, the figures on validation."""
    figure, (axis,) = _page("Training", caption, size=(7.2, 4.8))
    axis.plot(*_series(history, "loss"), "o-", markersize=3, color=COLOURS[0], label="training loss (left)")
    axis.set(xlabel="Epoch", ylabel="Training loss")
    axis.set_ylim(bottom=0)
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    right = axis.twinx()
    right.set(ylabel="On validation", ylim=(0, 1))
    for i, name in enumerate(("validation_accuracy", "validation_balanced_accuracy")):
        epochs, values = _series(history, name)
        if epochs:
            label = f"{name.replace('_', ' ')} (right)"
            right.plot(epochs, values, "s^"[i] + "--", markersize=5, color=COLOURS[i + 1], label=label)
    handles = [*axis.get_lines(), *right.get_lines()]
    axis.legend(handles, [line.get_label() for line in handles], loc="lower left", fontsize=8, frameon=False)
    return figure


def _figure(title: str, caption: str, size: tuple[float, float]) -> Figure:
    figure = Figure(figsize=size, layout="constrained")
    figure.suptitle(f"{title}\n{caption}", fontsize=10)
    return figure


def _page(title: str, caption: str, columns: int = 1, size: tuple[float, float] = (6.4, 6.4)) -> tuple[Figure, Any]:
    figure = _figure(title, caption, size)
    return figure, figure.subplots(1, columns, squeeze=False)[0]


def _roc_axis(axis: Any) -> None:
    axis.plot((0, 1), (0, 1), color=GREY, linewidth=1, linestyle="--")
    axis.set(xlabel="1 - specificity", ylabel="Sensitivity", xlim=(0, 1), ylim=(0, 1.005), aspect="equal")
    axis.grid(alpha=0.25)


def _cells(axis: Any, values: Floats, codes: Sequence[str], form: str, title: str) -> None:
    shares = ratio(values, values.sum(axis=1, keepdims=True))
    axis.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for row, column in np.ndindex(values.shape):
        if np.isfinite(values[row, column]):
            colour = "white" if shares[row, column] > DARK_CELL else "black"
            text = form.format(values[row, column])
            axis.text(column, row, text, ha="center", va="center", fontsize=9, color=colour)
    places = range(len(codes))
    axis.set(title=title, xlabel="Predicted", ylabel="True", xticks=places, yticks=places)
    axis.set(xticklabels=codes, yticklabels=codes)


def _series(history: Sequence[Mapping[str, Any]], name: str) -> tuple[list[float], list[float]]:
    points = [(epoch["epoch"], epoch[name]) for epoch in history if name in epoch]
    return [x for x, _ in points], [y for _, y in points]


def _with_interval(figure: Mapping[str, float] | None) -> str:
    if figure is None:
        return "not defined"
    return f"{figure['value']:.3f} ({figure['low']:.3f} to {figure['high']:.3f})"
