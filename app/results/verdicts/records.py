"""What is said of a lesion in one form: plain values, already judged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Said:
    """A verdict without who and when; a `label` of None takes back what was said before."""

    label: str | None = None
    basis: str | None = None
    found_on: date | None = None
    note: str | None = None
