"""Read a CSV file as programs and people write it into lines of cells; what they mean is judged elsewhere."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator

from app.errors import RefusedUploadError

DELIMITERS = (",", ";", "\t")
ENCODINGS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")

Line = tuple[int, list[str]]


def lines_of(content: bytes, most_lines: int, most_cells: int) -> list[Line]:
    """Return the lines that are not blank, each with its number, no more of them and of their cells than asked for.

    RefusedUploadError if it is not a CSV file.
    """
    lines: list[Line] = []
    for number, cells in _lines(_text(content)):
        if len(lines) == most_lines:
            break
        lines.append((number, cells[:most_cells]))
    return lines


def _text(content: bytes) -> str:
    if content.startswith(WORKBOOKS):
        raise RefusedUploadError("This is a workbook; please save the sheet as CSV (in Excel: Save as, CSV UTF-8).")
    encoding = next((name for mark, name in ENCODINGS if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        if encoding != "utf-8":
            raise RefusedUploadError("The spreadsheet is damaged; please save it again as CSV UTF-8.") from None
        text = content.decode("cp1252", errors="replace")  # what Excel calls CSV without more, in western Europe
    if "\0" in text:
        raise RefusedUploadError("This is not a CSV file; please save the sheet as CSV (in Excel: Save as, CSV UTF-8).")
    return text


def _lines(text: str) -> Iterator[Line]:
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(DELIMITERS, key=first.count)
    reader, line = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise RefusedUploadError(f"Line {line} can't be read; please look at its quotation marks.") from error
