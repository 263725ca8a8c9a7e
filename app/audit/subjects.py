"""Whose something is: features say it, so that it can be asked who has looked at a patient."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import MappingProxyType

from sqlalchemy.orm import Session

from app.audit import events

# returns the public id of the patient of something, by its public id; None if it is nobody's, or not of that clinic
PatientOf = Callable[[Session, int, str], str | None]

RANDOM_ID = re.compile(r"[A-Za-z0-9_-]{22}")
CODE = re.compile(r"[A-Za-z0-9-]{8,24}")  # of a report
KINDS = MappingProxyType(
    {
        "patients": events.PATIENT,
        "lesions": events.LESION,
        "analyses": events.TEST,
        "reports": events.REPORT,
        "batches": events.BATCH,
        "deliveries": events.DELIVERY,
        "access_tokens": events.TOKEN,
        "users": events.ACCOUNT,
        "clinics": events.CLINIC,
        "passkeys": events.PASSKEY,
        "invitations": events.INVITATION,
        "saved_filters": events.FILTER,
    }
)  # what the rows of a table are
_RESOLVERS: dict[str, PatientOf] = {}


def names_patient_of(kind: str) -> Callable[[PatientOf], PatientOf]:
    """Make a function the one that knows whose something of a kind is, by actor's id and public id."""

    def kept(function: PatientOf) -> PatientOf:
        _RESOLVERS[kind] = function
        return function

    return kept


def patient_of(session: Session, kind: str | None, actor_id: int | None, public_id: str | None) -> str | None:
    """Return the public id of the patient whom something is of, as far as the actor may know it; None if nobody's."""
    if kind == events.PATIENT:
        return public_id
    resolver = _RESOLVERS.get(kind or "")
    if resolver is None or actor_id is None or public_id is None:
        return None
    return resolver(session, actor_id, public_id)


def identifier(kind: str | None, value: object) -> str | None:
    """Return what may be recorded as an id: not what somebody has typed into an address, which may be a name."""
    text = str(value)
    return text if (CODE if kind == events.REPORT else RANDOM_ID).fullmatch(text) else None


def part_named(wanted: str) -> tuple[str, str | None]:
    """Return what parts of a page are about, by their names and ids in the address; see `app.live`."""
    name, _, public_id = wanted.split(",", 1)[0].partition(":")
    kind = events.BATCH if name == "batch" else events.TEST
    return kind, identifier(kind, public_id)
