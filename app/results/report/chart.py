"""A small drawing of malignancy over time: a line for each version of a classifier, in marks as well as in colour."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from reportlab.lib.colors import Color
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable

from app.results.report.case import Line
from app.results.report.fonts import REGULAR
from app.results.report.styles import ACCENT, CAUTION, INK, LINE, MUTED

LEFT, BOTTOM, TOP, RIGHT = 30.0, 13.0, 5.0, 6.0  # points around the axes
SIZE = 6.6
DOT = 2.1
COLOURS = (ACCENT, CAUTION, INK)
Mark = Callable[[Canvas, float, float], None]


class CourseChart(Flowable):
    """Malignancy from 0 to 100 %, over the time from the first to the last photograph."""

    def __init__(self, lines: Sequence[Line], first: str, last: str, width: float, height: float) -> None:
        super().__init__()
        self._lines, self._first, self._last = lines, first, last
        self.width, self.height = width, height

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        """Return the size."""
        return self.width, self.height

    def draw(self) -> None:
        """Draw the axes, then each line."""
        self._axes()
        for number, line in enumerate(self._lines):
            self._line(line, COLOURS[number % len(COLOURS)], MARKS[number % len(MARKS)])

    def _axes(self) -> None:
        canvas = self.canv
        canvas.setFont(REGULAR, SIZE)
        canvas.setFillColor(MUTED)
        canvas.setStrokeColor(LINE)
        canvas.setLineWidth(0.5)
        for share in (0.0, 0.5, 1.0):
            y = self._y(share)
            canvas.line(LEFT, y, self.width - RIGHT, y)
            canvas.drawRightString(LEFT - 4, y - SIZE / 3, f"{share * 100:.0f} %")
        canvas.drawString(LEFT, 2, self._first)
        canvas.drawRightString(self.width - RIGHT, 2, self._last)

    def _line(self, line: Line, colour: Color, mark: Mark) -> None:
        canvas = self.canv
        canvas.setStrokeColor(colour)
        canvas.setFillColor(colour)
        canvas.setLineWidth(1)
        places = [(self._x(at), self._y(share)) for at, share in line.points]
        for start, end in pairwise(places):
            canvas.line(*start, *end)
        for place in places:
            mark(canvas, *place)
        if line.threshold is not None:
            canvas.setLineWidth(0.6)
            canvas.setDash(3, 2)
            canvas.line(LEFT, self._y(line.threshold), self.width - RIGHT, self._y(line.threshold))
            canvas.setDash()

    def _x(self, at: float) -> float:
        return LEFT + DOT + at * (self.width - LEFT - RIGHT - 2 * DOT)

    def _y(self, share: float) -> float:
        return BOTTOM + share * (self.height - BOTTOM - TOP)


def _dot(canvas: Canvas, x: float, y: float) -> None:
    canvas.circle(x, y, DOT, stroke=0, fill=1)


def _square(canvas: Canvas, x: float, y: float) -> None:
    canvas.rect(x - DOT, y - DOT, 2 * DOT, 2 * DOT, stroke=0, fill=1)


def _ring(canvas: Canvas, x: float, y: float) -> None:
    canvas.circle(x, y, DOT, stroke=1, fill=0)


MARKS: tuple[Mark, ...] = (_dot, _square, _ring)
