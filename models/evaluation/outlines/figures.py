"""The pictures of an evaluation of outlines: the Jaccard index of every test photograph, and the training curve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.figure import Figure

from models.evaluation.figures import COLOURS, GREY
from models.evaluation.outlines.agreement import FAILED
from models.segmentation.card import OutlineCard

BINS = [i / 40 for i in range(41)]


def draw_all(folder: Path, card: OutlineCard, kept: Sequence[Mapping[str, str]], dpi: int = 150) -> None:
    """Write the pictures into a folder as PNG; `kept` are the rows of ``test.csv``."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, figure in {"jaccard": jaccard(card, kept), "training-curve": training_curve(card)}.items():
        figure.savefig(folder / f"{name}.png", dpi=dpi, metadata={"Software": None})


def jaccard(card: OutlineCard, kept: Sequence[Mapping[str, str]]) -> Figure:
    """Draw how many outlines agree how far with the experts', those that are refused on top of the others."""
    shown, refused = ([float(r["jaccard"]) for r in kept if bool(r["refused"]) == turned] for turned in (False, True))
    figure = _titled("Agreement with the experts' outlines", f"{card.name} {card.version}: test, n = {len(kept):,}")
    axis = figure.subplots()
    labels = [f"outlined ({len(shown):,})", f"refused ({len(refused):,})"]
    axis.hist([shown, refused], BINS, stacked=True, color=[COLOURS[0], COLOURS[4]], label=labels, rwidth=0.9)
    axis.axvline(FAILED, color=GREY, linestyle="--", linewidth=1, label="0.65")
    axis.set(xlabel="Jaccard index", ylabel="Photographs", xlim=(0, 1))
    axis.legend(loc="upper left", fontsize=8, frameon=False)
    return figure


def training_curve(card: OutlineCard) -> Figure:
    """Draw training loss by epoch, and the Jaccard index on validation photographs where it was measured."""
    history = card.training["history"]
    figure = _titled("Training", f"{card.name} {card.version}: {card.training['split']}, training and validation")
    axis = figure.subplots()
    axis.plot([e["epoch"] for e in history], [e["loss"] for e in history], "o-", color=COLOURS[0], label="loss (left)")
    axis.set(xlabel="Epoch", ylabel="Training loss")
    axis.set_ylim(bottom=0)
    right = axis.twinx()
    measured = [e for e in history if "validation_jaccard" in e]
    points = [e["epoch"] for e in measured], [e["validation_jaccard"] for e in measured]
    right.plot(*points, "s--", color=COLOURS[1], label="validation Jaccard index (right)")
    right.set(ylabel="Jaccard index", ylim=(0, 1))
    handles = [*axis.get_lines(), *right.get_lines()]
    axis.legend(handles, [str(line.get_label()) for line in handles], loc="lower left", fontsize=8, frameon=False)
    return figure


def _titled(title: str, caption: str) -> Figure:
    figure = Figure(figsize=(7.2, 4.8), layout="constrained")
    figure.suptitle(f"{title}\n{caption}", fontsize=10)
    return figure
