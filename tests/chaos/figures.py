"""The table in docs/reliability.md: what was counted, written by what has counted it."""

from __future__ import annotations

import platform
from dataclasses import dataclass, field
from datetime import UTC, datetime

from config import ROOT
from tests.chaos.counting import Count
from tests.chaos.scale import WHOLE

PAGE = ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- figures: make chaos -->", "<!-- end of figures -->"
HEADINGS = (
    "what happened", "on", "accepted", "refused", "no answer", "lost", "twice", "refused, yet there", "orphan files",
    "orphan rows", "audit log",
)  # fmt: skip
NO_ROW = (f"| {HEADINGS[0]} ", "| --- ")


@dataclass
class Figures:
    """Rows of the table, in the order in which they were counted."""

    rows: list[tuple[str, str, Count]] = field(default_factory=list)

    def add(self, what: str, ground: str, found: Count) -> None:
        """Note what was counted after a fault."""
        self.rows.append((what, ground, found))

    def write(self) -> None:
        """Write the table, unless little was tried."""
        if not WHOLE or not self.rows:
            return
        page = PAGE.read_text()
        before, rest = page.split(BEGIN)
        earlier, after = rest.split(END)
        PAGE.write_text(f"{before}{BEGIN}\n{self.table(earlier)}\n{END}{after}")

    def table(self, earlier: str = "") -> str:
        """Return it as Markdown, with when and where; of `earlier` stays what was not tried this time."""
        kept = [line for line in earlier.splitlines() if line.startswith("| ") and not line.startswith(NO_ROW)]
        rows = {_tried(line): line for line in kept}
        for row in self.rows:
            line = f"| {' | '.join(_cells(*row))} |"
            rows[_tried(line)] = line
        lines = [f"| {' | '.join(HEADINGS)} |", f"|{' --- |' * 2}{' ---: |' * 8} --- |", *rows.values()]
        counted = (
            f"Last counted {datetime.now(UTC):%Y-%m-%d} on {platform.system()}, Python {platform.python_version()}."
        )
        return "\n".join([counted, "", *lines])


def _tried(line: str) -> tuple[str, ...]:
    """Return what happened, and on what, of a row of the table."""
    return tuple(line.split(" | ")[:2])


def _cells(what: str, ground: str, found: Count) -> list[str]:
    numbers = (
        found.accepted, found.refused, found.unanswered, found.lost, found.twice, found.unasked, found.orphan_files,
        found.orphan_rows,
    )  # fmt: skip
    return [what, ground, *(f"{number:,}" for number in numbers), "sound" if found.sound else "broken"]
