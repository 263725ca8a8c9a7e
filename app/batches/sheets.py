"""A long table on A4 sheets, drawn row by row, with its headings repeated on each; knows nothing of batches."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import IO

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph

from app.results.report import fonts, styles
from app.results.report.styles import LINE, MARGIN, WIDTH

TOP, BOTTOM = A4[1] - 46.0, 58.0  # points from the lower edge
PICTURE = 34.0  # points a side
PADDING = 4.0
GAP = 8.0  # between columns

Columns = Sequence[tuple[str, float]]


class Sheets:
    """Writes titles, sentences and rows one below the other, and takes a new sheet when one is full."""

    def __init__(self, file: IO[bytes], *, title: str, foot: str) -> None:
        self._canvas = Canvas(file, pagesize=A4, lang="en-GB", invariant=1, initialFontName=fonts.REGULAR)  # type: ignore[arg-type]  # the stubs take it for a size
        self._canvas.setTitle(title)
        self._canvas.setCreator("Lentigo")
        self._canvas.setProducer("Lentigo")
        self._foot, self._y = foot, TOP
        self._columns: Columns = ()

    def title(self, above: str, title: str) -> None:
        """Write the name of the clinic, and below it what this is."""
        self._paragraph(above, styles.CLINIC)
        self._paragraph(title, styles.ANSWER)
        self._y -= 4

    def heading(self, text: str) -> None:
        """Write a heading that is not left alone at the foot of a sheet."""
        self._room(80)
        self._y -= 10
        self._paragraph(text, styles.HEADING)

    def text(self, text: str) -> None:
        """Write a sentence over the full width."""
        self._paragraph(text, styles.BODY)
        self._y -= 3

    def begin(self, columns: Columns) -> None:
        """Begin a table of columns, each with its heading and width in points."""
        self._columns = tuple(columns)
        self._y -= 6
        self._headings()

    def row(self, *cells: str, picture: bytes | None = None) -> None:
        """Write a row; `picture` is a square JPEG that stands in the first column."""
        drawn = [self._cell(cell, width) for cell, (_, width) in zip(cells, self._columns, strict=True)]
        height = max([height for _, height in drawn] + [PICTURE if picture else 0.0]) + 2 * PADDING
        if self._room(height):
            self._headings()
        if picture:
            place = self._y - PADDING - PICTURE
            self._canvas.drawImage(ImageReader(io.BytesIO(picture)), MARGIN, place, PICTURE, PICTURE)
        self._place(drawn, self._y - PADDING)
        self._y -= height
        self._rule(self._y)

    def save(self) -> None:
        """Write the file."""
        self._end_sheet()
        self._canvas.save()

    def _headings(self) -> None:
        drawn = [self._cell(heading, width, styles.SMALL) for heading, width in self._columns]
        self._place(drawn, self._y)
        self._y -= 15
        self._rule(self._y)

    def _cell(self, text: str, width: float, style: ParagraphStyle = styles.BODY) -> tuple[Paragraph, float]:
        lines = "<br/>".join(fonts.markup(line) for line in text.split("\n"))
        paragraph = Paragraph(lines, style)
        return paragraph, paragraph.wrap(width - GAP, A4[1])[1]

    def _place(self, drawn: Sequence[tuple[Paragraph, float]], top: float) -> None:
        x = MARGIN
        for (paragraph, height), (_, width) in zip(drawn, self._columns, strict=True):
            paragraph.drawOn(self._canvas, x, top - height)
            x += width

    def _paragraph(self, text: str, style: ParagraphStyle) -> None:
        paragraph = Paragraph(fonts.markup(text), style)
        _, height = paragraph.wrap(WIDTH, A4[1])
        self._room(height)
        paragraph.drawOn(self._canvas, MARGIN, self._y - height)
        self._y -= height

    def _room(self, height: float) -> bool:
        """Take a new sheet if this one has no room for so many points; tell whether that was done."""
        if self._y - height >= BOTTOM:
            return False
        self._end_sheet()
        self._canvas.showPage()
        self._y = TOP
        return True

    def _end_sheet(self) -> None:
        self._rule(44)
        for text, style in ((self._foot, styles.FOOT), (f"Page {self._canvas.getPageNumber()}", styles.FOOT_RIGHT)):
            foot = Paragraph(fonts.markup(text), style)
            foot.wrapOn(self._canvas, WIDTH, A4[1])
            foot.drawOn(self._canvas, MARGIN, 30)

    def _rule(self, y: float) -> None:
        self._canvas.setStrokeColor(LINE)
        self._canvas.setLineWidth(0.5)
        self._canvas.line(MARGIN, y, MARGIN + WIDTH, y)
