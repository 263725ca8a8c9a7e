"""Events in plain words: "Ada Berg opened a patient's record"."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.events import DONE, FAILED, OUTCOMES, PENDING, SIGN_IN
from app.audit.register import words_of
from app.audit.tables import AuditEvent
from app.auth.tables import User
from app.patients.selectors import patients_of
from app.patients.tables import Patient

NOBODY = "Somebody who was not signed in"
CHANNELS = {"job": "The worker of the site", "command": "A command on the server"}
SITE, PROGRAM = "On the site", "By a program with an access token"


@dataclass(frozen=True, slots=True)
class Line:
    """An event as it is read; `patient` is the record as the reader may see it, None if there is none any more."""

    event: AuditEvent
    who: str
    sentence: str
    outcome: str
    where: str
    more: str
    patient: Patient | None


def lines_of(session: Session, user: User, events: Sequence[AuditEvent]) -> Sequence[Line]:
    """Put events into words, with two questions for all their names."""
    people = names_of(session, {event.actor_id for event in events if event.actor_id is not None})
    wanted = {event.patient_id for event in events if event.patient_id is not None}
    found = session.scalars(patients_of(user).where(Patient.public_id.in_(wanted))) if wanted else ()
    patients = {patient.public_id: patient for patient in found}
    return [line_of(event, people, patients) for event in events]


def names_of(session: Session, ids: set[int]) -> Mapping[int, str]:
    """Return how the people of accounts are called."""
    if not ids:
        return {}
    return dict(session.execute(select(User.id, User.name).where(User.id.in_(ids))).all())


def line_of(event: AuditEvent, people: Mapping[int, str], patients: Mapping[str, Patient]) -> Line:
    """Put one event into words."""
    who = _who(event, people)
    return Line(
        event,
        who,
        _sentence(event, who),
        OUTCOMES.get(event.outcome, event.outcome),
        _where(event),
        _more(json.loads(event.details)),
        patients.get(event.patient_id or ""),
    )


def _who(event: AuditEvent, people: Mapping[int, str]) -> str:
    if event.actor_id is not None:
        return people.get(event.actor_id, "An account that there was once")
    return CHANNELS.get(event.channel, NOBODY)


def _sentence(event: AuditEvent, who: str) -> str:
    words = words_of(event.action, event.operation)
    if event.outcome == DONE:
        return f"{who} {words}."
    if event.outcome == PENDING:
        return f"{who} gave the right password, and was asked for the second step."
    if event.outcome == FAILED:
        return f"It failed: {who} {words}."
    if event.action == SIGN_IN and event.role is None:
        account = "" if event.actor_id is None else f" to the account of {who}"
        return f"Somebody tried to sign in{account}, and was refused."
    return f"{who} was refused. It would have read: {words}."


def _where(event: AuditEvent) -> str:
    if event.channel in CHANNELS:
        return ""
    channel = PROGRAM if event.channel.startswith("api ") else SITE
    return ", ".join(filter(None, (channel, event.agent, event.address)))


def _more(details: Mapping[str, object]) -> str:
    """Say what the details hold that can be said in a few words."""
    columns, asked = details.get("columns"), details.get("asked")
    said = []
    if isinstance(columns, dict):
        names = sorted({name for names in columns.values() for name in names if not name.endswith(("_key", "_index"))})
        said.append("Changed: " + ", ".join(name.removesuffix("_id").replace("_", " ") for name in names))
    if isinstance(asked, list) and asked:
        said.append("Searched by: " + ", ".join(str(name).replace("_", " ") for name in asked))
    if details.get("throttled"):
        said.append("After too many failed attempts")
    return "; ".join(said)
