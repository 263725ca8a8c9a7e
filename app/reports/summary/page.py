"""The patient's page as ReportLab lays it out: large type, short paragraphs."""

from __future__ import annotations

from collections.abc import Sequence

from reportlab.platypus import Flowable, KeepTogether, Spacer

from app.reports.summary.content import SummaryContent
from app.reports.summary.words import COME_BACK, SIGNS
from app.results.report import styles
from app.results.report.fonts import REPLACEMENT, writable
from app.results.report.heading import Heading, heading
from app.results.report.issue import Issue
from app.results.report.pictures import Picture
from app.results.report.pieces import panel, text
from app.results.report.seal import seal
from app.results.report.styles import GAP, WIDTH


def story(content: SummaryContent, logo: Picture | None, issue: Issue) -> list[Flowable]:
    """Return everything that is on the page, in the order in which it is read."""
    top = Heading(content.clinic, content.address, content.title, "Date of the photograph", content.date)
    blocks = [
        heading(top, logo, issue),
        text(content.patient, styles.PATIENT),
        _section("What was done", content.done),
        panel([[[text("What your clinician says", styles.PLAIN_HEADING), *_lines(content.found)]]], [WIDTH]),
        _section("What happens next", content.next),
        _section("When to come back sooner", (COME_BACK, *(f"\N{BULLET} {sign}" for sign in SIGNS))),
        _section("What this page can't say", content.limits),
        _section("Questions?", (content.contact,)),
        seal(issue),
        *_replaced(content),
    ]
    return [flowable for block in blocks for flowable in (block, Spacer(0, GAP))][:-1]


def _section(title: str, lines: Sequence[str]) -> Flowable:
    return KeepTogether([text(title, styles.PLAIN_HEADING), *_lines(lines)])


def _lines(lines: Sequence[str]) -> list[Flowable]:
    return [text(line, styles.PLAIN) for line in lines]


def _replaced(content: SummaryContent) -> list[Flowable]:
    if all(map(writable, (content.clinic, content.patient, *content.next))):
        return []
    return [text(f"{REPLACEMENT} stands for a character that this page has no letter for.", styles.SMALL)]
