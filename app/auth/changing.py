"""Changing what an account is opened with: a new password, another e-mail address. The caller commits."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.auth import letters, sign_ins
from app.auth.credentials import revoke_all
from app.auth.links import services as links
from app.auth.links.tables import Link
from app.auth.passwords import Passwords
from app.auth.services import EmailTakenError
from app.auth.tables import SignIn, User
from app.mail import post


def set_password(
    session: Session,
    passwords: Passwords,
    *,
    user: User,
    password: str,
    here: SignIn | None = None,
    programs_too: bool = False,
) -> None:
    """Give a person another password: every sign-in but `here` ends, links die, and the person is told by mail.

    `programs_too` makes access tokens worthless as well.
    """
    user.password_hash = passwords.hash(password)
    sign_ins.end_all_of(session, user=user, but=here)
    links.withdraw(session, user=user)
    if programs_too:
        revoke_all(session, user=user)
    post(session, kind=letters.PASSWORD_CHANGED, address=user.email)


def reset_password(
    session: Session, passwords: Passwords, *, token: str, password: str, programs_too: bool = False
) -> User:
    """Use up a link for a new password and return whose it was; UsedLinkError."""
    user = session.get_one(User, links.use(session, purpose=links.RESET, token=token).user_id)
    set_password(session, passwords, user=user, password=password, programs_too=programs_too)
    return user


def set_email(session: Session, *, user: User, email: str) -> None:
    """Give a person another e-mail address, and tell the former one; EmailTakenError, the session rolled back."""
    former, user.email = user.email, email
    try:
        session.flush()
    except IntegrityError as error:
        session.rollback()
        raise EmailTakenError("There is already an account with this e-mail address.") from error
    links.withdraw(session, user=user)
    post(session, kind=letters.EMAIL_CHANGED, address=former)


def ask_to_confirm_email(session: Session, *, user: User, email: str) -> None:
    """Mail a link that makes an e-mail address the person's; who else has it is not told."""
    link = links.prepare(session, purpose=links.EMAIL, user=user, email=email)
    post(session, kind=letters.NEW_EMAIL, address=email, about=link.id)


def confirm_email(session: Session, *, user: User, token: str) -> None:
    """Use up a link that confirms an e-mail address; UsedLinkError if it is another person's, EmailTakenError."""
    link: Link = links.use(session, purpose=links.EMAIL, token=token)
    if link.user_id != user.id:
        raise links.UsedLinkError
    set_email(session, user=user, email=link.email or "")


def is_taken(session: Session, email: str) -> bool:
    """Tell whether an e-mail address has an account."""
    return session.scalar(select(User.id).where(User.email == email)) is not None
