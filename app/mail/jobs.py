"""Jobs of the mail: a letter is written and sent at once, and tried again where the server could not be reached.

A worker may be killed at any moment: a letter is claimed before it is written, and one that was claimed and is still
there when the lease has run out is tried again, so that somebody may be sent the same twice. One that stops the worker
each time is not tried for ever.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from flask import current_app
from sqlalchemy import ColumnElement, Delete, delete, select, update
from sqlalchemy.orm import Session

from app.clock import now
from app.extensions import db
from app.jobs import job, periodic
from app.mail.letters import LETTERS
from app.mail.sending import UNSENT, send
from app.mail.tables import OutgoingMail

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 30))  # what a letter says may not last longer
MOST_TRIES = len(PAUSES) + 1
LEASE = timedelta(minutes=3)  # longer than a mail server that answers each command at the last moment takes

log = structlog.get_logger(__name__)


@job
def deliver(mail_id: int) -> None:
    """Write a letter and send it; nothing is left of it then. Nothing happens if it was sent, or is held by another."""
    session = db.session()
    claimed = _claim(session, mail_id)
    session.commit()
    if claimed is None:
        return
    mail = session.get_one(OutgoingMail, mail_id)
    kind, address, tries = mail.kind, mail.address, mail.tries
    written = LETTERS[kind](session, mail)
    session.commit()  # what the letter tells of must be there when it arrives
    try:
        if written is not None:
            send(current_app.config["SETTINGS"], address, written)
    except UNSENT as error:
        log.warning("mail_not_sent", kind=kind, tries=tries, reason=type(error).__name__)
        _put_off(session, mail_id, claimed, tries)
    else:
        session.execute(_gone(mail_id, claimed))
    session.commit()


@periodic(minutes=1)
def deliver_what_is_left() -> None:
    """Send what could not be sent before, was lost on the way to the worker, or was held by one who is gone."""
    for mail_id in db.session.scalars(select(OutgoingMail.id).where(OutgoingMail.next_at <= now())).all():
        deliver.send(mail_id)  # each by itself: one that can't be written must not hold up the others


def _claim(session: Session, mail_id: int) -> datetime | None:
    """Take a letter that is due for the time of the lease, and return until when; None if there is nothing to do."""
    moment = now()
    due = OutgoingMail.id == mail_id, OutgoingMail.next_at <= moment
    taking = update(OutgoingMail).where(*due).values(next_at=moment + LEASE, tries=OutgoingMail.tries + 1)
    tries = session.scalar(taking.returning(OutgoingMail.tries))
    if tries is None:
        return None
    if tries > MOST_TRIES:
        log.error("mail_given_up", mail=mail_id, tries=MOST_TRIES)
        session.execute(_gone(mail_id, moment + LEASE))
        return None
    return moment + LEASE


def _put_off(session: Session, mail_id: int, claimed: datetime, tries: int) -> None:
    """Try again later, or no more."""
    if tries >= MOST_TRIES:
        log.error("mail_given_up", mail=mail_id, tries=tries)
        session.execute(_gone(mail_id, claimed))
        return
    session.execute(update(OutgoingMail).where(*_held(mail_id, claimed)).values(next_at=now() + PAUSES[tries - 1]))


def _gone(mail_id: int, claimed: datetime) -> Delete:
    return delete(OutgoingMail).where(*_held(mail_id, claimed))


def _held(mail_id: int, claimed: datetime) -> tuple[ColumnElement[bool], ...]:
    """Select a letter that is still ours: not once the lease has run out and another worker has taken it."""
    return OutgoingMail.id == mail_id, OutgoingMail.next_at == claimed
