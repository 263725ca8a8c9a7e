"""The pages that show figures, written anew from cards and kept measurements: nothing in them is typed by hand."""

from __future__ import annotations

from pathlib import Path

from models.card import Card, read_card
from models.evaluation.card_page import write_card_page
from models.evaluation.evaluation_page import evaluation_page
from models.evaluation.measurements import MEASUREMENTS, all_measurements
from models.evaluation.outlines.page import write_outline_page
from models.evaluation.summary import put_summary
from models.segmentation import card as outlines
from models.segmentation.card import OutlineCard

DOCS = Path(__file__).parents[2] / "docs"
PAGE = "evaluation.md"


def write_pages(weights: Path, kept: Path = MEASUREMENTS, docs: Path = DOCS) -> list[Path]:
    """Write each measured card's page and the comparison into `docs`, and figures into the README beside it.

    Return the paths of the pages.
    """
    docs.mkdir(parents=True, exist_ok=True)
    readme, page = docs.parent / "README.md", docs / PAGE
    measured = [card for card in _cards(weights) if card.metrics]
    for card in measured:
        if readme.exists():
            put_summary(card, readme)
    page.write_text(evaluation_page(all_measurements(weights, kept)))
    outlined = [write_outline_page(card, docs / "models") for card in _outliners(weights) if card.metrics]
    return [*(write_card_page(card, docs / "models") for card in measured), *outlined, page]


def _outliners(weights: Path) -> list[OutlineCard]:
    return [outlines.read_card(path.parent) for path in sorted(weights.glob(f"*/{outlines.FILE}"))]


def _cards(weights: Path) -> list[Card]:
    return [read_card(path.parent) for path in sorted(weights.glob("*/card.json"))]
