"""Who may make an account, and how an e-mail address is confirmed first. The caller commits."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.auth import letters
from app.auth.links import services as links
from app.auth.passwords import Passwords
from app.auth.services import ClosedError, add_account, is_empty
from app.auth.tables import User
from app.mail import post
from config import Settings


def require_open(session: Session, settings: Settings) -> bool:
    """Raise ClosedError unless whoever asks may make an account; return whether it is the first of the site."""
    first = is_empty(session)
    if settings.registration != "open" and not first:
        raise ClosedError
    return first


def ask_to_confirm(
    session: Session, passwords: Passwords, *, name: str, email: str, password: str, wanted: bool
) -> None:
    """Mail a link that makes an account, or tell the holder of the address that there is one.

    Which of the two, the worker finds out. Unless it is `wanted`, no more is done than takes as long.
    """
    password_hash = passwords.hash(password)
    if wanted:
        link = links.prepare(session, purpose=links.REGISTRATION, name=name, email=email, password_hash=password_hash)
        post(session, kind=letters.REGISTRATION, address=email, about=link.id)


def finish(session: Session, settings: Settings, *, token: str) -> User:
    """Use up a link and make the account that it is for; UsedLinkError, EmailTakenError, ClosedError."""
    require_open(session, settings)
    link = links.use(session, purpose=links.REGISTRATION, token=token)
    return add_account(session, name=link.name or "", email=link.email or "", password_hash=link.password_hash or "")
