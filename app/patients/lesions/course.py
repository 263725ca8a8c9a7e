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
class Version:
    """One version of one classifier in words, and its alert threshold; None if that isn't known."""

    words: str
    threshold: float | None


@dataclass(frozen=True, slots=True)
class Course:
    """A lesion's photographs in the order of time, and the `versions` of the classifiers that gave a point."""

    versions: tuple[Version, ...]
    entries: tuple[Entry, ...]

    @property
    def points(self) -> int:
        """How many photographs have a point."""
        return sum(not entry.why for entry in self.entries)


def course_of(user: User, tests: Sequence[Analysis]) -> Course:
    """Return the course that a person may see of a lesion; `tests` are in the order of time."""
    titles = {card.name: card.title for card in current_classifiers().cards()}
    thresholds = {_version(analysis): analysis.threshold for analysis in tests if not _why_not(user, analysis)}
    versions = tuple(Version(_words(version, titles), threshold) for version, threshold in thresholds.items())
    return Course(versions, tuple(_entry(user, analysis, tuple(thresholds)) for analysis in tests))


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
