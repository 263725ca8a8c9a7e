"""Tables for a spreadsheet: CSV that Excel reads as it is meant, and in which no text becomes a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

Cell = str | int | float | None

BYTE_ORDER_MARK = "\ufeff"  # without it Excel takes UTF-8 for the local code page
# what a spreadsheet takes for the beginning of a formula (OWASP, CSV Injection), also in East Asian full width
FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # noqa: RUF001 - the full width is meant
CONTROLS = ("\t", "\r", "\n")
PIECE = 32 * 1024  # characters that are gathered before they are sent


def csv_file(rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """Yield a CSV file in pieces, UTF-8, as `rows` come; the first row holds the headings.

    Numbers stay numbers, None is an empty cell, and a text that could be a formula gets an apostrophe before it.
    """
    buffer = io.StringIO(BYTE_ORDER_MARK, newline="")
    buffer.seek(0, io.SEEK_END)
    writer = csv.writer(buffer)
    for row in rows:
        writer.writerow([harmless(cell) for cell in row])
        if buffer.tell() > PIECE:
            yield _emptied(buffer)
    yield _emptied(buffer)


def harmless(cell: Cell) -> Cell:
    """Return a cell that no spreadsheet evaluates: what begins like a formula is marked as text."""
    if not isinstance(cell, str):
        return cell
    return f"'{cell}" if cell.startswith(CONTROLS) or cell.lstrip().startswith(FORMULA) else cell


def _emptied(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()
