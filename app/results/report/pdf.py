"""Pages of a report: A4, with a foot that says which page of how many; knows nothing of analyses."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, Paragraph

from app.results.report import fonts
from app.results.report.documents import drawing
from app.results.report.styles import FOOT, FOOT_RIGHT, LINE, MARGIN, PATIENT_ABOVE, WIDTH

TOP, FOOT_HEIGHT, LATER_TOP = 36.0, 54.0, 66.0
LONGEST_ABOVE = 50  # characters of the patient's name that are repeated on later pages
LANGUAGE = "en-GB"


@dataclass(frozen=True, slots=True)
class Edges:
    """What is repeated on the pages: `above` all but the first the patient's name, `foot` below each, two lines."""

    above: str
    foot: tuple[str, str]


def draw(story: Callable[[], list[Flowable]], edges: Edges) -> bytes:
    """Return the PDF file; the same input gives the same bytes, in every process.

    `story` makes what flows over the pages, once the fonts are there.
    """
    with drawing():
        file = io.BytesIO()
        document = BaseDocTemplate(
            file,
            pagesize=A4,
            lang=LANGUAGE,
            invariant=1,
            initialFontName=fonts.REGULAR,  # the canvas would name Helvetica, which is not embedded
            title="Lentigo report",
            author="",
            subject="",
            creator="Lentigo",
            producer="Lentigo",
        )
        document.addPageTemplates([_page("first", TOP, "later"), _page("later", LATER_TOP, "later", edges)])
        document.build(story(), canvasmaker=partial(_Pages, edges=edges))
    return file.getvalue()


class _Pages(Canvas):
    """A canvas that holds its pages back until it knows how many there are."""

    def __init__(self, *arguments: Any, edges: Edges, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._edges = edges
        self._held: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802 - ReportLab's name
        """Hold the page back."""
        self._held.append(dict(self.__dict__))
        self._startPage()  # type: ignore[attr-defined]  # missing in the stubs

    def save(self) -> None:
        """Give every page its foot, and write the file."""
        for number, page in enumerate(self._held, start=1):
            self.__dict__.update(page)
            _draw_foot(self, self._edges, f"Page {number} of {len(self._held)}")
            super().showPage()
        super().save()


def _page(name: str, top: float, following: str, named: Edges | None = None) -> PageTemplate:
    """Return a page with one column; `named`: with the patient's name above it."""
    height = A4[1] - top - FOOT_HEIGHT
    column = Frame(MARGIN, FOOT_HEIGHT, WIDTH, height, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0)
    above = partial(_draw_patient, edges=named) if named else _draw_nothing
    return PageTemplate(name, [column], onPage=above, pagesize=A4, autoNextPageTemplate=following)


def _draw_nothing(_canvas: Canvas, _document: BaseDocTemplate) -> None:
    """Leave the top of the first page to its heading."""


def _draw_patient(canvas: Canvas, _document: BaseDocTemplate, edges: Edges) -> None:
    name = edges.above
    short = name if len(name) <= LONGEST_ABOVE else f"{name[:LONGEST_ABOVE]}…"
    _draw_line(canvas, Paragraph(fonts.markup(short), PATIENT_ABOVE), A4[1] - 44, WIDTH)
    _draw_rule(canvas, A4[1] - 50)


def _draw_foot(canvas: Canvas, edges: Edges, page: str) -> None:
    _draw_rule(canvas, 44)
    first, second = edges.foot
    _draw_line(canvas, Paragraph(fonts.markup(first), FOOT), 31, WIDTH)
    _draw_line(canvas, Paragraph(fonts.markup(second), FOOT), 20, WIDTH - 80)
    _draw_line(canvas, Paragraph(page, FOOT_RIGHT), 20, WIDTH)


def _draw_rule(canvas: Canvas, y: float) -> None:
    canvas.setStrokeColor(LINE)
    canvas.setLineWidth(0.5)
    canvas.line(MARGIN, y, MARGIN + WIDTH, y)


def _draw_line(canvas: Canvas, paragraph: Paragraph, y: float, width: float) -> None:
    paragraph.wrapOn(canvas, width, A4[1])
    paragraph.drawOn(canvas, MARGIN, y)
