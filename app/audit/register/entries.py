"""What an endpoint, job or command is to the audit log: what somebody does there, to what, and the words for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from app.audit import events

SAFE = frozenset({"GET", "HEAD"})
NAMES: Mapping[str, str] = MappingProxyType(
    {
        events.PATIENT: "a patient's record",
        events.LESION: "a lesion",
        events.TEST: "a test",
        events.REPORT: "an issued report",
        events.BATCH: "a batch",
        events.DELIVERY: "a delivery to another system",
        events.TOKEN: "an access token",
        events.ACCOUNT: "an account",
        events.CLINIC: "the clinic",
        events.PASSKEY: "a passkey",
        events.INVITATION: "an invitation",
        events.FILTER: "a saved filter",
    }
)


@dataclass(frozen=True, slots=True)
class Entry:
    """What is recorded: "Ada Berg" and then `words`.

    `variable` is the one of the address that names the subject, None where none does. `within_page`: pages load it by
    addresses that prove the page, whose event covers it. `repeated`: pages ask for it again and again, which is
    recorded once in a while.
    """

    action: str
    words: str
    kind: str | None = None
    variable: str | None = "public_id"
    within_page: bool = False
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Unrecorded:
    """Why nothing is recorded at an endpoint."""

    reason: str


STATIC = Unrecorded("a file of the application, the same for everybody")
HEALTH = Unrecorded("says whether the site works, and nothing of anybody")
PUBLIC = Unrecorded("tells of the application or its classifiers, and of no patient")
OWN = Unrecorded("shows a person nothing but the own account or settings")
EMPTY = Unrecorded("a form with nothing in it; what it is sent with is recorded")

ASKING = Unrecorded("asks a browser for a proof; what it answers is recorded")

Registered = Entry | Unrecorded


def when_looked_at(entry: Registered) -> Registered:
    """Return what a safe request to an endpoint is: where something is changed, its form shows what there is."""
    if isinstance(entry, Unrecorded) or entry.action in LOOKING:
        return entry
    if entry.kind is None or entry.variable is None:
        return EMPTY
    return Entry(events.VIEW, f"looked at {NAMES[entry.kind]}", entry.kind, entry.variable)


LOOKING = frozenset({events.VIEW, events.SEARCH, events.DOWNLOAD, events.EXPORT})
