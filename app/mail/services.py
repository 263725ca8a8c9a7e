"""What can be done with mail: have it sent. The caller commits."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.mail.jobs import deliver
from app.mail.tables import OutgoingMail


def post(session: Session, *, kind: str, address: str, about: int | None = None) -> None:
    """Have a letter sent once the session has committed."""
    mail = OutgoingMail(kind=kind, address=address, about=about)
    session.add(mail)
    session.flush()
    deliver.send_after_commit(session, mail.id)
