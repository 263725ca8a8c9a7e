"""What the classifiers answered about a lesion over time: points, of which only those of one version make a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.auth.tables import User
from app.inference import current_classifiers, task_of
from app.results.tables import Analysis
from app.results.verdicts.blind import CONCEALED, concealed
from app.results.wording import COUNTS

NO_ANSWER = "No answer: the photograph was not accepted"


@dataclass(frozen=True, slots=True)
class Entry:
    """One photograph of a course; `points` has a malignancy for each version, None but for the one that answered.

    Where there is no point at all, `why` says so.
    """

    analysis: Analysis
    points: tuple[float | None, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Course:
    """A lesion's photographs in the order of time, and the `versions` of the classifiers that gave a point.

    `threshold` is the alert threshold that held for all points; None if there were several, or if one isn't known.
    """

    versions: tuple[str, ...]
    entries: tuple[Entry, ...]
    threshold: float | None

    @property
    def points(self) -> int:
        """How many photographs have a point."""
        return sum(not entry.why for entry in self.entries)


def course_of(user: User, tests: Sequence[Analysis]) -> Course:
    """Return the course that a person may see of a lesion; `tests` are in the order of time."""
    shown = [analysis for analysis in tests if not _why_not(user, analysis)]
    versions = tuple(dict.fromkeys(map(_version, shown)))
    titles = {card.name: card.title for card in current_classifiers().cards()}
    thresholds = {analysis.threshold for analysis in shown}
    return Course(
        versions=tuple(_words(version, titles) for version in versions),
        entries=tuple(_entry(user, analysis, versions) for analysis in tests),
        threshold=thresholds.pop() if len(thresholds) == 1 else None,
    )


def _entry(user: User, analysis: Analysis, versions: Sequence[tuple[str, str]]) -> Entry:
    why = _why_not(user, analysis)
    given = None if why else _version(analysis)
    return Entry(analysis, tuple(analysis.malignancy if version == given else None for version in versions), why)


def _why_not(user: User, analysis: Analysis) -> str:
    if not analysis.accepted:
        return NO_ANSWER
    return CONCEALED if concealed(user, analysis) else ""


def _version(analysis: Analysis) -> tuple[str, str]:
    return analysis.model_name, analysis.model_version


def _words(version: tuple[str, str], titles: dict[str, str]) -> str:
    name, number = version
    classes = COUNTS[len(task_of(name).labels)]
    return f"{titles.get(name, name)}, {classes} classes, version {number}"
