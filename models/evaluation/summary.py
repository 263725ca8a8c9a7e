"""The few figures that the README shows, from ``card.json`` alone."""

from __future__ import annotations

import re
from pathlib import Path

from models.card import Card

SHOWN = {
    "accuracy": "Accuracy, seven classes",
    "balanced_accuracy": "Balanced accuracy (mean recall of the classes)",
    "macro_auc": "AUC, one class against the rest, mean",
    "malignant_auc": "AUC, malignant against benign",
    "specificity_at_95_sensitivity": "Specificity where sensitivity for malignant is 95 %",
    "ece": "Expected calibration error",
}


def summary(card: Card) -> str:
    """Return a table of the figures on the test part of the split that a classifier was trained for."""
    split = str(card.training["split"])
    found = card.metrics[split]
    tested = f"{found['n']:,} test photographs of {found['lesions']:,} lesions"
    lines = [
        f"`{card.name}` {card.version}, split `{split}`: {tested}.",
        "",
        "| figure | value | 95 % interval |",
        "| --- | --- | --- |",
    ]
    for name, words in SHOWN.items():
        figure = card.held_out(name)
        if figure is not None:
            lines.append(f"| {words} | {figure.value:.3f} | {figure.low:.3f} to {figure.high:.3f} |")
    return "\n".join(lines)


def put_summary(card: Card, readme: Path) -> None:
    """Replace the figures of a classifier in a text, between the comments that mark them."""
    text = readme.read_text()
    readme.write_text(_between(card.name).sub(lambda marks: f"{marks[1]}\n{summary(card)}\n{marks[3]}", text))


def shown_summary(name: str, readme: Path) -> str | None:
    """Return what a text shows of a classifier; None if it has no place for it."""
    found = _between(name).search(readme.read_text())
    return found[2].strip() if found else None


def _between(name: str) -> re.Pattern[str]:
    return re.compile(rf"(<!-- figures: {re.escape(name)} -->)\n(.*?)(<!-- end of figures -->)", re.DOTALL)
