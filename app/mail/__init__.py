"""Mail: what is to be sent is a row, which the worker turns into a letter and sends, again if need be.

Whoever has something to say names a kind of letter and writes it when it is sent::

    @letter("password-changed")
    def changed(session: Session, mail: OutgoingMail) -> Letter | None: ...

    post(session, kind="password-changed", address=user.email)

So neither a row nor the queue holds what a letter says: a link in it is made when it is sent, and is nowhere but in the
mail.
"""

from __future__ import annotations

from app.mail import jobs as jobs  # so that the worker knows them
from app.mail.letters import Letter, letter
from app.mail.services import post
from app.mail.tables import OutgoingMail

__all__ = ["Letter", "OutgoingMail", "letter", "post"]
