"""Verify the log: from its beginning to its end, event by event, and against the anchors outside the database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from app.audit import anchors
from app.audit.chain import FIELDS, NOTHING, Head, event_hash, is_same, seal
from app.audit.log import head_of
from app.audit.tables import AuditEvent
from app.keys import AUDIT, data_keys_of

READ_AT_ONCE = 2000
MOST_BREAKS = 20  # that are named one by one
COLUMNS = tuple(getattr(AuditEvent, name) for name in (*FIELDS, "hash"))


@dataclass
class Finding:
    """How many events were verified, the position of the last, and what is wrong, in sentences."""

    events: int = 0
    position: int = 0
    hash: str = NOTHING
    anchored: int = 0
    breaks: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.breaks


def verify(session: Session, path: Path | None) -> Finding:
    """Verify the whole log and the anchors at `path`; others may append meanwhile, which isn't looked at.

    Without a path the log is held to itself alone.
    """
    key, finding = data_keys_of(session).secret(AUDIT), Finding()
    outside = _Outside(path, key, finding)  # read before the log: what is anchored later is not known here
    furthest = session.scalar(select(func.max(AuditEvent.position))) or 0
    found = head_of(session)
    if found is None:
        finding.breaks.append("The end of the log is missing: somebody has deleted the row that says where it is.")
        return finding
    head, sealed = found
    if not is_same(sealed, seal(key, head)):
        finding.breaks.append("The row that says where the log ends was changed by somebody who has not the key.")
    outside.reach(head)
    _follow(session, key, head, finding, outside)
    if furthest > head.position:
        finding.breaks.append(f"There are events behind the end of the log, up to number {furthest:,}.")
    return finding


class _Outside:
    """The anchors, each compared when its event comes by; they are read one by one, for there may be very many.

    One that stands there twice was written by a worker that was killed before it could say so to the database.
    """

    def __init__(self, path: Path | None, key: bytes, finding: Finding) -> None:
        self._finding, self._path = finding, path
        last, ascending = anchors.NONE, True
        for anchor in self._anchors(key):
            ascending = ascending and anchor.genuine and (anchor.position > last.position or anchor == last)
            last = anchor if anchor.genuine and anchor.position > last.position else last
        if not ascending:
            finding.breaks.append("The file of the anchors was changed by somebody else than Lentigo.")
        finding.anchored = self._last = last.position
        self._read = (anchor for anchor in self._anchors(key) if anchor.genuine)
        self._next = next(self._read, None)

    def _anchors(self, key: bytes) -> Iterator[anchors.Anchor]:
        return iter(()) if self._path is None else anchors.read(self._path, key)

    def reach(self, head: Head) -> None:
        """Hold that the anchors and the log end where the other says, at least."""
        if self._path is None:
            return
        if self._last < head.anchored:
            self._finding.breaks.append(
                f"The anchors end at number {self._last:,}, though they went on to {head.anchored:,}: "
                "their file is missing, was cut off, or is an older copy."
            )
        if self._last > head.position:
            self._finding.breaks.append(
                f"The log ends at number {head.position:,}, though it went on to {self._last:,} at least: "
                "its end was cut off, or an older copy was restored."
            )

    def compare(self, position: int, hash_: str) -> None:
        """Compare an event with its anchor, if it has one; events come in their order."""
        while self._next is not None and self._next.position < position:
            self._next = next(self._read, None)
        if self._next is not None and self._next.position == position and not is_same(self._next.hash, hash_):
            self._finding.breaks.append(f"Event {position:,} is another than the one that was anchored.")


def _follow(session: Session, key: bytes, head: Head, finding: Finding, outside: _Outside) -> None:
    expected, before = head.start + 1, head.start_hash
    for row in _events(session, head.position):
        position, hash_ = row[0], row[-1]
        if position < expected:
            finding.breaks.append(f"Event {position:,} stands before the beginning of the log.")
            continue
        if position > expected:
            finding.breaks.append(_missing(expected, position - 1))
        elif not is_same(hash_, event_hash(key, before, row[:-1])):
            finding.breaks.append(f"Event {position:,} was changed, or put in another's place.")
        outside.compare(position, hash_)
        expected, before = position + 1, hash_
        finding.events += 1
        if len(finding.breaks) >= MOST_BREAKS:
            finding.breaks.append("There is more; this is where the search ended.")
            return
    if expected <= head.position:
        finding.breaks.append(_missing(expected, head.position))
    elif not is_same(before, head.hash):
        finding.breaks.append("The last event is not the one with which the log ended.")
    finding.position, finding.hash = head.position, before


def _missing(first: int, last: int) -> str:
    if first == last:
        return f"Event {first:,} is missing."
    return f"Events {first:,} to {last:,} are missing."


def _events(session: Session, last: int) -> Iterator[Row[Any]]:
    ordered = select(*COLUMNS).where(AuditEvent.position <= last).order_by(AuditEvent.position)
    yield from session.execute(ordered.execution_options(yield_per=READ_AT_ONCE))
