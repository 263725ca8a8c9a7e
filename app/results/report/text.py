"""Text as a report prints it: without what can't be seen, and with times in UTC."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime

MOST_NOTE_LINES = 30  # a note of more lines than this is set as running text: the report stays short


def one_line(text: str) -> str:
    """Compose accents (NFC), drop control and direction marks, and leave single spaces."""
    composed = unicodedata.normalize("NFC", text)
    return " ".join("".join(c for c in composed if c.isspace() or unicodedata.category(c) not in ("Cc", "Cf")).split())


def note_lines(note: str) -> tuple[str, ...]:
    """Return the lines of a note that say something; very many short lines become one text."""
    lines = tuple(line for line in map(one_line, note.splitlines()) if line)
    return lines if len(lines) <= MOST_NOTE_LINES else (" / ".join(lines),)


def moment(time: datetime) -> str:
    """Write a time to the minute."""
    return f"{day(time)}, {time.astimezone(UTC):%H:%M} UTC"


def day(time: datetime) -> str:
    """Write the day of a time."""
    utc = time.astimezone(UTC)
    return f"{utc.day} {utc:%B %Y}"
