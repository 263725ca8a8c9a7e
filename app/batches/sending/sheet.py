"""Read the spreadsheet that comes with a batch: CSV as programs and people write it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Any

from app.batches.sending import values
from app.decoding import reading
from app.decoding.limits import Limits
from app.decoding.names import folded, shown
from app.errors import AppError, RefusedUploadError

LARGEST = 2 * 1024 * 1024  # bytes
MOST_COLUMNS = 200
MOST_PROBLEMS = 12  # that are written out
HEADINGS: Mapping[str, str] = {
    **dict.fromkeys(
        ("file", "filename", "nameoffile", "image", "imageid", "imagename", "imagefile", "photograph", "photo",
         "photoname", "photofile", "picture", "path", "isicid"), "file"),
    **dict.fromkeys(("patient", "patientname", "patientid", "patientreference", "patientnumber", "name", "reference",
                     "mrn", "case", "caseid"), "patient"),
    **dict.fromkeys(("site", "bodysite", "localization", "localisation", "location", "anatomicsite", "anatomicalsite",
                     "anatomsite", "anatomsitegeneral", "region"), "body_site"),
    **dict.fromkeys(("age", "ageapprox", "ageinyears", "ageyears", "patientage"), "age"),
    **dict.fromkeys(("sex", "gender", "patientsex"), "sex"),
}  # fmt: skip
READERS: Mapping[str, Callable[[str], Any]] = {
    "patient": values.patient,
    "age": values.age,
    "sex": values.sex,
    "body_site": values.body_site,
}
NO_HEADINGS = (
    "The first line must name the columns. One of them must be called “file name”; the others can be patient, site, "
    "age and sex."
)


class SheetError(AppError):
    """A spreadsheet that can't be used; `problems` are sentences, one for each line that is wrong."""

    status = 422
    title = "The spreadsheet can't be used"

    def __init__(self, message: str, problems: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Row:
    """What one line says of one file; None where it says nothing. `line` counts as the file does, headings first."""

    line: int
    file: str
    patient: str | None = None
    age: int | None = None
    sex: str | None = None
    body_site: str | None = None

    def kept(self) -> list[str | int | None]:
        """Return the row as a database keeps it; `Row(*kept)` is the row again."""
        return list(astuple(self))


@dataclass(frozen=True, slots=True)
class Sheet:
    """A spreadsheet as it was understood: its rows, which heading stands for what, and which were passed over."""

    rows: tuple[Row, ...]
    columns: Mapping[str, str]
    ignored: tuple[str, ...]


def read_sheet(content: bytes, most_rows: int, limits: Limits | None = None) -> Sheet:
    """Read a CSV file; SheetError says what is wrong, and in which lines."""
    lines = _lines(content, most_rows + 2, limits or Limits())
    headings = lines[0][1] if lines else []
    columns, ignored = _columns(headings)
    if len(lines) > most_rows + 1:
        raise SheetError(f"The spreadsheet has more than {most_rows:,} lines; please send it in parts.")
    rows, problems = _rows(lines[1:], columns)
    if problems:
        more = len(problems) - MOST_PROBLEMS
        written = [*problems[:MOST_PROBLEMS], *([f"And {more} more."] if more > 0 else [])]
        raise SheetError("Please correct what is listed here, and choose the spreadsheet again.", written)
    if not rows:
        raise SheetError("The spreadsheet has headings, but no lines below them.")
    return Sheet(tuple(rows), {name: headings[at].strip() for name, at in columns.items()}, ignored)


def _lines(content: bytes, most: int, limits: Limits) -> list[tuple[int, list[str]]]:
    """Return the lines that are not blank, each with the number of its first line; it is read elsewhere."""
    if len(content) > LARGEST:
        raise SheetError("The spreadsheet is larger than 2 MB; please send it in parts, each with its photographs.")
    try:
        return reading.lines(content, limits, most, MOST_COLUMNS + 1)
    except RefusedUploadError as error:
        raise SheetError(error.message) from error


def _columns(headings: Sequence[str]) -> tuple[dict[str, int], tuple[str, ...]]:
    if len(headings) > MOST_COLUMNS:
        raise SheetError(f"The spreadsheet has more than {MOST_COLUMNS} columns; please leave out what is not needed.")
    columns: dict[str, int] = {}
    ignored = []
    for at, heading in enumerate(headings):
        meaning = HEADINGS.get(re.sub(r"[\W_]+", "", heading.casefold()))
        if meaning is None:
            ignored.append(heading.strip())
        elif meaning in columns:
            both = f"{values.quoted(headings[columns[meaning]])} and {values.quoted(heading)}"
            raise SheetError(f"Two columns mean the same here: {both}. Please leave one of them out.")
        else:
            columns[meaning] = at
    if "file" not in columns:
        raise SheetError(NO_HEADINGS)
    return columns, tuple(filter(None, ignored))


def _rows(lines: Sequence[tuple[int, list[str]]], columns: Mapping[str, int]) -> tuple[list[Row], list[str]]:
    rows: list[Row] = []
    problems: list[str] = []
    seen: dict[str, int] = {}
    for line, cells in lines:
        name = _cell(cells, columns["file"]).strip()
        if not name:
            problems.append(f"Line {line}: it names no file.")
            continue
        earlier = seen.setdefault(folded(name), line)
        if earlier != line:
            problems.append(f"Line {line}: it names the same file as line {earlier}.")
        facts, wrong = _facts(cells, columns)
        problems += [f"Line {line}: {sentence}" for sentence in wrong]
        rows.append(Row(line, shown(name), **facts))
    return rows, problems


def _facts(cells: Sequence[str], columns: Mapping[str, int]) -> tuple[dict[str, Any], list[str]]:
    facts: dict[str, Any] = {}
    wrong = []
    for name, read in READERS.items():
        if name in columns:
            try:
                facts[name] = read(_cell(cells, columns[name]))
            except ValueError as error:
                wrong.append(str(error))
    return facts, wrong


def _cell(cells: Sequence[str], at: int) -> str:
    return cells[at] if at < len(cells) else ""
