"""What is printed of a report's issue: its code, who issued and signed it, and what it replaces."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.results.measurement import Fact
from app.results.report.text import moment, one_line

WORKING_COPY = "Working copy, not issued"
UNSIGNED = "Not signed"
LONGEST_NAME = 40  # characters of a name that the foot of a page has room for


@dataclass(frozen=True, slots=True)
class Signed:
    """Who signed a report, and when."""

    name: str
    at: datetime

    @property
    def words(self) -> str:
        """The signature as it is printed."""
        return f"{one_line(self.name)}, {moment(self.at)}"


@dataclass(frozen=True, slots=True)
class Issue:
    """One version of an issued report; `address` is where its `code` can be verified, `signed` None before that.

    `replaces` says which version this one takes the place of, and why; empty for the first.
    """

    code: str
    address: str
    version: int
    issued: Signed
    signed: Signed | None
    replaces: str
    fingerprints: tuple[Fact, ...]

    @property
    def title(self) -> str:
        """How this version is called."""
        return f"Report {self.code}, version {self.version}"

    @property
    def foot(self) -> str:
        """What the foot of each page says of it."""
        if self.signed is None:
            return f"{self.title}. {UNSIGNED}."
        name = one_line(self.signed.name)
        short = name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}…"
        return f"{self.title}. Signed by {short}, {moment(self.signed.at)}."
