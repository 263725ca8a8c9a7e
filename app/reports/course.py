"""The course of a lesion as a report tells it: its photographs up to the one that is reported, and what has changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.auth.tables import User
from app.inference import outline_noise
from app.patients.lesions.change import change_between
from app.patients.lesions.comparison import compared
from app.patients.lesions.course import Course as WholeCourse
from app.patients.lesions.course import Entry, course_of
from app.patients.lesions.taking import taken
from app.patients.selectors import lesions_of, tests_of_lesion
from app.patients.tables import Lesion
from app.results.presentation import label_of
from app.results.report.case import Changed, Course, Line, Seen
from app.results.report.text import day, one_line
from app.results.tables import Analysis
from app.results.wording import percent
from app.storage import Storage

MOST_SEEN = 6  # photographs that fit beside each other: the first, and the last five


@dataclass(frozen=True, slots=True)
class ShownCourse:
    """A course in words, and the photographs that are shown of it."""

    words: Course
    shown: tuple[Analysis, ...]


def shown_course(session: Session, storage: Storage, *, user: User, analysis: Analysis) -> ShownCourse | None:
    """Return the course that a person may see up to an analysis; None where there is no earlier photograph."""
    lesion = session.scalar(lesions_of(user).where(Lesion.id == analysis.lesion_id))
    if lesion is None:
        return None
    tests = [test for test in tests_of_lesion(session, user, lesion) if _until(test, analysis)]
    comparison = compared(tests, tests[-2].public_id, analysis.public_id) if len(tests) > 1 else None
    if comparison is None:
        return None
    then, now = taken(session, storage, (comparison.then, comparison.now))
    change = change_between(then, now, outline_noise())
    whole = course_of(user, tests)
    shown = whole.entries if len(whole.entries) <= MOST_SEEN else (whole.entries[0], *whole.entries[1 - MOST_SEEN :])
    words = Course(
        lesion=one_line(lesion.label),
        seen=tuple(_seen(entry, analysis) for entry in shown),
        left_out=len(whole.entries) - len(shown),
        first_day=day(tests[0].created_at),
        last_day=day(tests[-1].created_at),
        lines=_lines(whole, tests),
        compared=f"Measured change from {day(comparison.then.created_at)} to this photograph, {comparison.apart}",
        change=tuple(Changed(row.name, row.then, row.now, row.difference, row.said) for row in change.rows),
        notes=(*change.notes, *comparison.differences),
    )
    return ShownCourse(words, tuple(entry.analysis for entry in shown))


def _until(test: Analysis, analysis: Analysis) -> bool:
    return (test.created_at, test.id) <= (analysis.created_at, analysis.id)


def _seen(entry: Entry, reported: Analysis) -> Seen:
    analysis = entry.analysis
    answer = entry.why or f"{label_of(analysis).name}, malignancy {percent(analysis.malignancy)}"
    return Seen(day(analysis.created_at), answer, this=analysis.id == reported.id)


def _lines(course: WholeCourse, tests: Sequence[Analysis]) -> tuple[Line, ...]:
    first, last = tests[0].created_at, tests[-1].created_at
    span = (last - first).total_seconds() or 1.0
    times = [(entry.analysis.created_at - first).total_seconds() / span for entry in course.entries]
    return tuple(
        Line(
            name=version.words,
            points=tuple(
                (at, point)
                for at, entry in zip(times, course.entries, strict=True)
                if (point := entry.points[number]) is not None
            ),
            threshold=version.threshold,
        )
        for number, version in enumerate(course.versions)
    )
