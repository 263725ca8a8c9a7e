"""What a report says of the case beyond the one analysis: the clinician's verdict, similar cases, and the course."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the clinician said: `verdict` in words, `source` who, when and how, `note` by lines."""

    title: str
    verdict: str
    source: str
    note: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SimilarCase:
    """One known lesion that looks alike to the classifier, in words."""

    image_id: str
    diagnosis: str
    confirmed: str
    similarity: str


@dataclass(frozen=True, slots=True)
class Seen:
    """One photograph of a course: its day, and what was answered or why nothing is said; `this` if it is reported."""

    day: str
    answer: str
    this: bool


@dataclass(frozen=True, slots=True)
class Line:
    """The malignancies that one version of a classifier gave: points of time and malignancy, both in [0, 1]."""

    name: str
    points: tuple[tuple[float, float], ...]
    threshold: float | None


@dataclass(frozen=True, slots=True)
class Changed:
    """One measure then and now, and what the difference means."""

    name: str
    then: str
    now: str
    difference: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Course:
    """The photographs of a lesion up to the one that is reported; `left_out` counts those between that are not shown.

    `change` compares the photograph with the one before; `notes` say what could not be compared.
    """

    lesion: str
    seen: tuple[Seen, ...]
    left_out: int
    first_day: str
    last_day: str
    lines: tuple[Line, ...]
    compared: str
    change: tuple[Changed, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """All of it; `course` is None where there is no earlier photograph of the lesion."""

    opinions: tuple[Opinion, ...] = ()
    similar: tuple[SimilarCase, ...] = ()
    course: Course | None = None
