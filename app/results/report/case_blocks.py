"""The blocks of a report that tell of the case: the clinician's verdict, the lesion's course, similar cases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from reportlab.platypus import Flowable, KeepTogether, Spacer, Table, TableStyle

from app.results.report import styles
from app.results.report.case import Case, Changed, Course, Line, Opinion
from app.results.report.chart import CourseChart
from app.results.report.drawings import FramedPicture
from app.results.report.pictures import Picture
from app.results.report.pieces import RULED, TIGHT, text
from app.results.report.styles import WIDTH

COLUMNS = 6  # photographs of a course beside each other
COLUMN = WIDTH / COLUMNS
PICTURE = COLUMN - 12
CASES = 5
CASE, CASE_PICTURE = WIDTH / CASES, 52.0
CHART_HEIGHT = 92.0
PARTED = TableStyle([("RIGHTPADDING", (0, 0), (-2, -1), 6)], parent=RULED)
UNJUDGED = "No assessment is recorded."
SIMILAR = "Most similar cases in the training data"
SIMILAR_NOTE = (
    "Of the lesions that the classifier learned from, these look most alike to it. Lesions that look alike can differ "
    "in diagnosis. Similarity is 1.00 for the very same photograph, and no probability."
)


def opinions(case: Case) -> Iterator[Flowable]:
    """Say what the clinician thinks, or that nothing is recorded."""
    heading = text("Clinician", styles.HEADING)
    if not case.opinions:
        yield KeepTogether([heading, text(UNJUDGED, styles.BODY)])
        return
    lines = [line for opinion in case.opinions for line in _opinion(opinion)]
    yield KeepTogether([heading, *lines[:-1]])


def course(case: Case, pictures: Sequence[Picture | None]) -> Iterator[Flowable]:
    """Show the photographs of the lesion, the malignancy over time, and what has changed."""
    if case.course is None:
        return
    of = case.course
    heading = text(f"Course of the lesion “{of.lesion}”", styles.HEADING)
    yield KeepTogether([heading, Spacer(0, 3), _strip(of, pictures), *_left_out(of)])
    if any(len(line.points) > 1 for line in of.lines):
        chart = CourseChart(of.lines, of.first_day, of.last_day, WIDTH, CHART_HEIGHT)
        yield KeepTogether([text(_drawn(of.lines), styles.SMALL), Spacer(0, 2), chart])
    yield from _change(of)


def similar(case: Case, pictures: Sequence[Picture | None]) -> Iterator[Flowable]:
    """Show the known lesions that look most alike to the classifier."""
    if not case.similar:
        return
    columns: list[Any] = []
    for number, each in enumerate(case.similar[:CASES]):
        picture = pictures[number] if number < len(pictures) else None
        columns.append(
            [
                *([FramedPicture(picture, CASE_PICTURE, CASE_PICTURE), Spacer(0, 2)] if picture else []),
                text(each.diagnosis, styles.SMALL_STRONG),
                text(each.confirmed, styles.SMALL),
                text(f"Similarity {each.similarity}", styles.SMALL),
                text(each.image_id, styles.SMALL),
            ]
        )
    columns += [""] * (CASES - len(columns))
    table = Table([columns], colWidths=[CASE] * CASES, style=[*TIGHT, ("RIGHTPADDING", (0, 0), (-1, -1), 8)])
    yield KeepTogether(
        [text(SIMILAR, styles.HEADING), Spacer(0, 3), table, Spacer(0, 3), text(SIMILAR_NOTE, styles.SMALL)]
    )


def _opinion(opinion: Opinion) -> list[Flowable]:
    return [
        text(f"{opinion.title}: {opinion.verdict}", styles.STRONG),
        text(opinion.source, styles.SMALL),
        *(text(line, styles.BODY) for line in opinion.note),
        Spacer(0, 4),
    ]


def _strip(of: Course, pictures: Sequence[Picture | None]) -> Flowable:
    columns: list[Any] = []
    for number, seen in enumerate(of.seen):
        picture = pictures[number] if number < len(pictures) else None
        shown = FramedPicture(picture, PICTURE, PICTURE) if picture else Spacer(PICTURE, PICTURE)
        day = f"{seen.day}, this one" if seen.this else seen.day
        columns.append([shown, Spacer(0, 2), text(day, styles.SMALL_STRONG), text(seen.answer, styles.SMALL)])
    columns += [""] * (COLUMNS - len(columns))
    rows = [columns]
    return Table(rows, colWidths=[COLUMN] * COLUMNS, style=[*TIGHT, ("RIGHTPADDING", (0, 0), (-1, -1), 8)])


def _left_out(of: Course) -> Iterator[Flowable]:
    if of.left_out:
        which = "1 photograph" if of.left_out == 1 else f"{of.left_out} photographs"
        yield text(f"Not shown: {which} after the first.", styles.SMALL)


def _drawn(lines: Sequence[Line]) -> str:
    names = "; ".join(line.name for line in lines)
    dashed = " Dashed: the alert threshold." if any(line.threshold is not None for line in lines) else ""
    return f"Malignancy over time, by {names}. Points of one version are joined.{dashed}"


def _change(of: Course) -> Iterator[Flowable]:
    if not of.compared:
        return
    heading: list[Flowable] = [text(of.compared, styles.SMALL_STRONG), *(text(note, styles.SMALL) for note in of.notes)]
    if not of.change:
        yield KeepTogether(heading)
        return
    titles: list[Any] = [text(name, styles.SMALL) for name in ("Measure", "Then", "Now", "Difference", "What it means")]
    rows: list[list[Any]] = [titles, *map(_changed, of.change)]
    widths = [WIDTH * share for share in (0.2, 0.13, 0.13, 0.18, 0.36)]
    yield KeepTogether([*heading, Spacer(0, 2), Table(rows, colWidths=widths, style=PARTED)])


def _changed(row: Changed) -> list[Any]:
    return [
        text(row.name, styles.SMALL_STRONG),
        *(text(words, styles.SMALL) for words in (row.then, row.now, row.difference, row.meaning)),
    ]
