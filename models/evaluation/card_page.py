"""The model card as a page, from ``card.json`` alone (after Mitchell et al., FAT* 2019)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from models.card import Card
from models.evaluation.card_tables import measured, told
from models.evaluation.markdown import words

FURTHER = "further_members"  # where a card has the facts of a second network's training
PICTURES = {
    "confusion-matrix": "Confusion matrix",
    "roc-classes": "ROC curves of the classes",
    "roc-malignant": "ROC curve, malignant against benign",
    "reliability": "Reliability diagram",
    "risk-coverage": "Accuracy of the surest answers",
    "training-curve": "Training curve",
}


def write_card_page(card: Card, docs: Path) -> Path:
    """Write ``NAME.md`` into a folder whose ``NAME/`` holds the pictures; return its path."""
    docs.mkdir(parents=True, exist_ok=True)
    path = docs / f"{card.name}.md"
    pictures = [name for name in PICTURES if (docs / card.name / f"{name}.png").exists()]
    path.write_text("\n".join(_page(card, pictures)).rstrip() + "\n")
    return path


def _page(card: Card, pictures: Sequence[str]) -> Iterator[str]:
    yield f"# {card.name}"
    yield ""
    yield f"<!-- Written from card.json by `python -m models evaluate {card.name} --write-card` -->"
    yield ""
    yield from _identity(card)
    yield from _training(card)
    for split, found in card.metrics.items():
        yield from measured(card, split, found)
    yield from _pictures(card, pictures)
    yield from ["## Limits", "", *(f"- {limit}" for limit in card.limits), ""]
    yield from ["## Licence", "", card.licence, ""]


def _identity(card: Card) -> Iterator[str]:
    classes = ", ".join(f"{label.name} (`{label.code}`)" for label in card.task.labels)
    malignant = ", ".join(f"`{label.code}`" for label in card.task.labels if label.malignant)
    yield f"{card.title}, version {card.version}: {card.parameters:,} parameters, {card.input_px} px a side."
    yield ""
    yield f"It tells apart: {classes}. Malignancy is the summed probability of {malignant}."
    yield ""
    yield from _answering(card)


def _answering(card: Card) -> Iterator[str]:
    if card.members > 1:
        yield f"{card.members} networks share {card.views} views of a photograph; their logits are averaged."
        yield ""
    shift = ", by class: " + ", ".join(f"{by:+.3f}" for by in card.shift) if card.shift else ""
    shifted = f" and shifted against the prior{shift}" if shift else ""
    yield f"Logits are divided by the temperature {card.temperature:.4f}{shifted}; fitted on validation photographs."
    yield ""


def _training(card: Card) -> Iterator[str]:
    further = card.training.get(FURTHER, ())
    for number, facts in enumerate((card.training, *further), start=1):
        title = "## Training" if not further else f"## Training of network {number}"
        shown = {name: value for name, value in facts.items() if name not in ("history", FURTHER)}
        yield from [title, "", "| | |", "| --- | --- |"]
        yield from (f"| {words(name)} | {told(value)} |" for name, value in shown.items())
        yield ""


def _pictures(card: Card, names: Sequence[str]) -> Iterator[str]:
    if names:
        yield from ["## Pictures", ""]
        for name in names:
            yield from [f"![{PICTURES[name]}]({card.name}/{name}.png)", ""]
