"""What the page of a test says of where it was sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_login import current_user

from app.auth.tables import User
from app.extensions import db
from app.interop.deliveries.destinations import KINDS, current_destinations
from app.interop.deliveries.selectors import deliveries_of_analysis, sent_of_patient, undelivered_of
from app.interop.deliveries.tables import SENDING, WAITING, Delivery
from app.patients.tables import Patient
from app.results.tables import Analysis

MOST_LISTED = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One system: the `newest` delivery to it, if any, and those before; `where` is None if it isn't configured."""

    name: str
    kind: str
    where: str | None
    newest: Delivery | None
    earlier: Sequence[Delivery]

    @property
    def moves(self) -> bool:
        """Whether something is on its way there, so that what is said of it is going to change."""
        return self.newest is not None and self.newest.state in (WAITING, SENDING)


@dataclass(frozen=True, slots=True)
class Undelivered:
    """The tests that could not be sent, as many as are listed; `more` of them are not."""

    rows: Sequence[tuple[Delivery, Analysis]]
    more: bool

    @property
    def count(self) -> str:
        """How many there are, in figures."""
        return f"{len(self.rows)}{'+' if self.more else ''}"


def undelivered() -> Undelivered:
    """Return what of the signed-in person's could not be sent, for any template."""
    found = undelivered_of(db.session(), _user(), MOST_LISTED + 1)
    return Undelivered(found[:MOST_LISTED], more=len(found) > MOST_LISTED)


def deliveries(analysis: Analysis) -> Sequence[Line]:
    """Return a line for each system that is configured, or that something was sent to, for any template."""
    known, configured = deliveries_of_analysis(db.session(), _user(), analysis), current_destinations()
    by_kind = {name: [delivery for delivery in known if delivery.destination == name] for name in KINDS}
    return [
        Line(name, kind, configured[name].where if name in configured else None, next(iter(found), None), found[1:])
        for (name, kind), found in zip(KINDS.items(), by_kind.values(), strict=True)
        if found or name in configured
    ]


def sent_elsewhere(patient: Patient) -> Sequence[str]:
    """Return what other systems have of a patient, in words, for any template."""
    sent = sent_of_patient(db.session(), patient.id)
    return [f"{KINDS[name]}: {count} {'test' if count == 1 else 'tests'}" for name, count in sent.items()]


def _user() -> User:
    user: User = current_user._get_current_object()
    return user
