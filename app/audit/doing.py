"""What a request does, for the log: found out at its beginning, completed at its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import g, request
from flask_login import current_user
from sqlalchemy.orm import Session

from app.audit.agents import family
from app.audit.events import CHANGE, DONE, SIGN_IN, SIGN_OUT, Event
from app.audit.register import SAFE, Entry, Registered
from app.audit.subjects import identifier, part_named, patient_of


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: nobody who is known, or a person in a role of a clinic."""

    id: int | None = None
    clinic_id: int | None = None
    role: str | None = None


@dataclass
class Doing:
    """One request: what it is, by whom, of what; `recorded` once its event is committed.

    `kind` is that of the subject where the address tells it, `told` what the view has added.
    """

    entry: Registered
    actor: Actor
    kind: str | None = None
    subject_id: str | None = None
    patient_id: str | None = None
    recorded: bool = False
    told: dict[str, Any] = field(default_factory=dict)

    @property
    def is_of_sign_in(self) -> bool:
        """Whether somebody comes or goes: how that ends is known at the end, whatever is written down on the way."""
        return isinstance(self.entry, Entry) and self.entry.action in (SIGN_IN, SIGN_OUT)

    def event(
        self, session: Session, details: Mapping[str, Any], outcome: str = DONE, status: int | None = None
    ) -> Event:
        """Return the event of this request. Whose its subject is, is looked up unless that is known."""
        entry = self.entry if isinstance(self.entry, Entry) else UNFORESEEN
        actor = current_actor() if entry is UNFORESEEN else self.actor
        kind, patient = self.kind or entry.kind, self.patient_id
        if outcome == DONE:
            patient = patient or patient_of(session, kind, actor.id, self.subject_id)
        return Event(
            entry.action,
            request.endpoint or "",
            outcome=outcome,
            status=status,
            actor_id=actor.id,
            role=actor.role,
            clinic_id=actor.clinic_id,
            subject_kind=kind,
            subject_id=self.subject_id,
            patient_id=patient,
            address=(request.remote_addr or "")[:45] or None,
            agent=family(request.user_agent.string),
            channel=f"api {g.token_public_id}" if "token_public_id" in g else "site",
            request_id=g.get("request_id", "")[:LONGEST_ID] or None,
            details={**details, **self.told},
        )


# of a page that was said to change nothing
LONGEST_ID = 16  # characters, of which a proxy may send more
UNFORESEEN = Entry(CHANGE, "changed something", variable=None)


def current_actor() -> Actor:
    """Return who is signed in, or whose token came along."""
    user = current_user._get_current_object()
    if user is None or not user.is_authenticated:
        return Actor()
    return Actor(user.id, getattr(user, "clinic_id", None), getattr(user, "role", None))


def begin(session: Session, entry: Registered) -> Doing:
    """Return what this request does, and keep it; of what may be erased, whose it is, is looked up before it is."""
    doing = Doing(entry, current_actor() if isinstance(entry, Entry) else Actor())
    if isinstance(entry, Entry) and entry.variable is not None and request.view_args:
        named = request.view_args.get(entry.variable)
        doing.kind, doing.subject_id = (
            part_named(str(named)) if entry.repeated else (None, identifier(entry.kind, named))
        )
        if request.method not in SAFE:
            doing.patient_id = patient_of(session, entry.kind, doing.actor.id, doing.subject_id)
    g.audit = doing
    return doing


def tell(*, tried: int | None = None, clinic_id: int | None = None, **details: Any) -> None:
    """Add to the event of this request: ids, counts and codes, never a name.

    `tried` is the id of the account, with its clinic, that somebody who is not signed in has tried to use.
    """
    doing: Doing | None = g.get("audit")
    if doing is None:
        return
    doing.told |= details
    if tried is not None and doing.actor.id is None:
        doing.actor = Actor(tried, clinic_id)
