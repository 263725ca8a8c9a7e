"""What the README says is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from models.card import read_card
from models.evaluation.summary import shown_summary, summary

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def test_the_figures_in_the_readme_are_those_of_the_card() -> None:
    card = read_card(ROOT / "models" / "weights" / "mobilenetv2-ham7")

    assert shown_summary(card.name, README) == summary(card)


PAGES = [
    "README.md",
    "CONTRIBUTING.md",
    *(f"docs/{name}.md" for name in ("architecture", "evaluation", "measuring", "training")),
]


@pytest.mark.parametrize("page", PAGES)
def test_every_link_to_a_file_leads_somewhere(page: str) -> None:
    path = ROOT / page

    missing = [link for link in LINK.findall(path.read_text()) if not (path.parent / link).exists()]

    assert missing == []


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    assert set(re.findall(r"\bmake ([a-z]+)", README.read_text())) <= targets
