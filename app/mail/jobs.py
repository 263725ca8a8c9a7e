"""Jobs of the mail: a letter is written and sent at once, and tried again where the server could not be reached."""

from __future__ import annotations

from datetime import timedelta

import structlog
from flask import current_app
from sqlalchemy import select

from app.clock import now
from app.extensions import db
from app.jobs import job, periodic
from app.mail.letters import LETTERS
from app.mail.sending import UNSENT, send
from app.mail.tables import OutgoingMail

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 30))  # what a letter says may not last longer

log = structlog.get_logger(__name__)


@job
def deliver(mail_id: int) -> None:
    """Write a letter and send it; nothing is left of it then."""
    session = db.session()
    mail = session.get(OutgoingMail, mail_id)
    if mail is None:  # sent before
        return
    written = LETTERS[mail.kind](session, mail)
    session.commit()  # what the letter tells of must be there when it arrives
    try:
        if written is not None:
            send(current_app.config["SETTINGS"], mail.address, written)
        session.delete(mail)
    except UNSENT as error:
        log.warning("mail_not_sent", kind=mail.kind, tries=mail.tries + 1, reason=type(error).__name__)
        _put_off(mail)
    session.commit()


@periodic(minutes=1)
def deliver_what_is_left() -> None:
    """Send what could not be sent before, or was lost on the way to the worker."""
    for mail_id in db.session.scalars(select(OutgoingMail.id).where(OutgoingMail.next_at <= now())).all():
        deliver(mail_id)


def _put_off(mail: OutgoingMail) -> None:
    """Try again later, or no more."""
    if mail.tries >= len(PAUSES):
        db.session.delete(mail)
        return
    mail.next_at = now() + PAUSES[mail.tries]
    mail.tries += 1
