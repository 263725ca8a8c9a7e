"""Tables of figures: read on the page, drawn by its script, and taken along as CSV."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from app.results.wording import SPACE
from app.spreadsheet import Cell as CsvCell


@dataclass(frozen=True, slots=True)
class Column:
    """A heading; `role` and `style` say how the column is drawn, see templates/_charts.html."""

    title: str
    role: str | None = None
    style: int | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """What is read, what is drawn and taken along (None: nothing), and a name short enough for an axis."""

    words: str
    value: str | float | None = None
    short: str | None = None


NOT_KNOWN = Cell("\N{EN DASH}")


@dataclass(frozen=True, slots=True)
class Row:
    """Cells; `faint` where they rest on few photographs."""

    cells: tuple[Cell, ...]
    faint: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table; `name` is that of its file, and of its place on the page."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    @property
    def csv_rows(self) -> Iterator[Sequence[CsvCell]]:
        """The table for a spreadsheet: unrounded figures where there are such, else the words."""
        yield [column.title for column in self.columns]
        for row in self.rows:
            yield [cell.words if cell.value is None or cell.short else cell.value for cell in row.cells]


def text(words: str, short: str | None = None) -> Cell:
    """Return a cell that is only read."""
    return Cell(words, short=short)


def count(number: int) -> Cell:
    """Return a cell with a count."""
    return Cell(f"{number:,}", number)


def share(value: float | None, digits: int = 1) -> Cell:
    """Return a cell with a share, given in [0, 1]; None is not known."""
    return NOT_KNOWN if value is None else Cell(percentage(value, digits), value)


def milliseconds(number: int) -> Cell:
    """Return a cell with a duration."""
    return Cell(f"{number:,}{SPACE}ms", number)


def day(first: date) -> Cell:
    """Return a cell with a day."""
    return Cell(f"{first:%-d %b %Y}", first.isoformat())


def percentage(value: float, digits: int = 1) -> str:
    """Write a counted share, given in [0, 1], as percent."""
    return f"{value * 100:.{digits}f}{SPACE}%"
