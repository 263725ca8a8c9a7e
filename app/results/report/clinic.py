"""The clinic as its reports name it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.results.report.text import one_line
from config import Settings


@dataclass(frozen=True, slots=True)
class Clinic:
    """Name, address by lines, how patients reach it, and the file of its logo; empty or None where not given."""

    name: str
    address: tuple[str, ...] = ()
    contact: str = ""
    logo: Path | None = None

    @classmethod
    def of(cls, settings: Settings) -> Clinic:
        """Return the clinic that is set."""
        return cls(
            name=one_line(settings.clinic_name),
            address=tuple(line for part in (settings.clinic_address or "").split(";") if (line := one_line(part))),
            contact=one_line(settings.clinic_contact or ""),
            logo=settings.clinic_logo,
        )
