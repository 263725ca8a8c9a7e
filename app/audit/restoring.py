"""Go on after an older copy of the database was restored: what the anchors know beyond it is recorded as lost."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.orm import Session

from app.audit import anchors
from app.audit.events import OPERATE, Event
from app.audit.log import append
from app.audit.verification import verify
from app.errors import AppError
from app.keys import AUDIT, data_keys_of


class NotRestorableError(AppError):
    """The log is not an older copy of itself that is sound; the message says why."""

    status = 409
    title = "This is no restored log"


def acknowledge(session: Session, path: Path) -> int:
    """Record that the log was restored, how far it had gone before, and how that ended; the caller commits.

    Returns how far it had gone. NotRestorableError if the log is sound as it is, or broken in itself.
    """
    if verify(session, path).sound:
        raise NotRestorableError("The log is sound: there is nothing to acknowledge.")
    alone = verify(session, None)
    if not alone.sound:
        raise NotRestorableError("The log itself was tampered with, which no restored backup explains.")
    last = _furthest(path, data_keys_of(session).secret(AUDIT))
    details = {"ended": alone.position, "anchored": last.position, "anchor": last.hash}
    append(session, [Event(OPERATE, "audit restored", channel="command", details=details)])
    return last.position


def set_aside(path: Path) -> Path:
    """Keep the anchors of before under another name, which is returned; the next anchor begins a new file."""
    number = 1
    while (kept := path.with_name(f"{path.name}.{number}")).exists():
        number += 1
    if path.exists():
        path.rename(kept)
    return kept


def _furthest(path: Path, key: bytes) -> anchors.Anchor:
    genuine = (anchor for anchor in anchors.read(path, key) if anchor.genuine)
    return max(genuine, key=lambda anchor: anchor.position, default=anchors.NONE)
