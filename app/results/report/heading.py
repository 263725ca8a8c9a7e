"""The heading of a page: the clinic with its logo, what the page is, of when, and whether it is issued and signed."""

from __future__ import annotations

from dataclasses import dataclass

from reportlab.platypus import Flowable, Table

from app.results.report import styles
from app.results.report.drawings import FramedPicture
from app.results.report.issue import Issue
from app.results.report.pictures import Picture
from app.results.report.pieces import TIGHT, text
from app.results.report.seal import status
from app.results.report.styles import WIDTH
from app.results.wording import SPACE

LOGO_WIDTH, LOGO_HEIGHT = 130.0, 44.0
LOGO_GAP = 12.0
SHARE = 0.74  # of the width, for the clinic
SHORT = 50  # characters


@dataclass(frozen=True, slots=True)
class Heading:
    """The words of a heading."""

    clinic: str
    address: tuple[str, ...]
    title: str
    date_title: str
    date: str


def heading(words: Heading, logo: Picture | None, issue: Issue | None) -> Flowable:
    """Return the heading, with a rule below."""
    names = [
        text(words.clinic, styles.CLINIC),
        *([text(_in_one(words.address), styles.SMALL)] if words.address else []),
        text(words.title, styles.BODY),
    ]
    right = [status(issue), text(words.date_title, styles.SMALL_RIGHT), text(words.date, styles.RIGHT)]
    drawn = FramedPicture(logo, LOGO_WIDTH, LOGO_HEIGHT) if logo else ""
    beside = min(LOGO_WIDTH, LOGO_HEIGHT * logo.width / logo.height) + LOGO_GAP if logo else 0.0
    return Table(
        [[drawn, names, right]],
        colWidths=[beside, WIDTH * SHARE - beside, WIDTH * (1 - SHARE)],
        style=[*TIGHT, ("VALIGN", (0, 0), (-1, -1), "BOTTOM"), ("BOTTOMPADDING", (0, 0), (-1, -1), 9),
               ("LINEBELOW", (0, 0), (-1, -1), 1.4, styles.ACCENT, 0)],
    )  # fmt: skip


def _in_one(address: tuple[str, ...]) -> str:
    """Write the address so that it breaks between its parts, where these are short."""
    return ", ".join(part.replace(" ", SPACE) if len(part) <= SHORT else part for part in address)
