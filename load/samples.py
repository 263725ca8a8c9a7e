"""What was asked and in which time it was answered, by kind; percentiles of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus


class Kind(StrEnum):
    """Kinds of what is asked for, as the table calls them."""

    UPLOAD = "upload, until its result is there"
    PAGE = "page"
    RESULT = "result page"
    WHOLE = "page with all that is on it"
    PICTURE = "photograph, thumbnail, heat map"
    STATIC = "style or script"
    VERDICT = "assessment sent"
    REPORT = "report (PDF)"


@dataclass(frozen=True, slots=True)
class Sample:
    """One answer: status 0 if there was none, for the reason `error`. `retry`: it says when to come again."""

    kind: Kind
    seconds: float
    status: int
    retry: bool = False
    error: str = ""

    @property
    def refused(self) -> bool:
        """Whether the site was too busy, and said when to come again."""
        return self.status == HTTPStatus.SERVICE_UNAVAILABLE and self.retry

    @property
    def failed(self) -> bool:
        """Whether it was neither answered nor refused in order."""
        return not self.refused and (self.status == 0 or self.status >= HTTPStatus.BAD_REQUEST)


@dataclass(frozen=True, slots=True)
class Times:
    """How many there were of a kind, what of them was answered, refused, failed, and percentiles in milliseconds."""

    kind: str
    answered: int
    refused: int
    failed: int
    p50: float
    p95: float
    p99: float
    longest: float


def times_of(kind: str, samples: Sequence[Sample]) -> Times:
    """Return the times of what was answered in order among some samples of one kind."""
    taken = sorted(1000 * each.seconds for each in samples if not each.refused and not each.failed)
    refused, failed = sum(each.refused for each in samples), sum(each.failed for each in samples)
    percentiles = [percentile(taken, share) for share in (0.5, 0.95, 0.99, 1.0)]
    return Times(kind, len(taken), refused, failed, *percentiles)


def share_within(milliseconds: float, samples: Sequence[Sample]) -> float:
    """Return which share of all was answered in order and in time: what was refused was not; 0 of none."""
    in_time = [each for each in samples if not each.refused and not each.failed and 1000 * each.seconds <= milliseconds]
    return len(in_time) / len(samples) if samples else 0.0


def percentile(ordered: Sequence[float], share: float) -> float:
    """Return the smallest of some ordered values that such a share of them does not exceed; 0 of none."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else 0.0
