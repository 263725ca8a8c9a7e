"""What is said of consent in one form: plain values, already judged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Statement:
    """What a patient said; `purpose` and `how` are codes of `tables.USES` and `tables.WAYS`."""

    purpose: str
    given: bool
    day: date
    how: str
    form_version: str | None = None
