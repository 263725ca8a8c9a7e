"""What account holders are written."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.auth.links import services as links
from app.auth.links.addresses import outside
from app.auth.links.tables import Link
from app.auth.tables import User
from app.mail import Letter, OutgoingMail, letter

RESET = "reset"
REGISTRATION = "registration"
NEW_EMAIL = "new-email"
EMAIL_CHANGED = "email-changed"
PASSWORD_CHANGED = "password-changed"  # noqa: S105 - the kind of a letter
SIGN_IN_CHANGED = "sign-in-changed"
WRONG_CODES = "wrong-codes"

NOT_ME = "If this was not you, choose another password at once and tell whoever runs Lentigo at your clinic:"
IGNORE = "If you did not ask for this, ignore this message: nothing changes."


@letter(RESET)
def reset(session: Session, mail: OutgoingMail) -> Letter | None:
    """Tell how to choose another password; nobody who has no account is written."""
    user = _holder(session, mail.address)
    if user is None:
        return None
    token = links.give_out(links.prepare(session, purpose=links.RESET, user=user))
    return Letter(
        "Choose a new password for Lentigo",
        f"Somebody, hopefully you, has asked for a new password for your Lentigo account.\n\n"
        f"Choose it here within 30 minutes:\n{outside('reset.open_link', token=token)}\n\n{IGNORE}",
    )


@letter(REGISTRATION)
def registration(session: Session, mail: OutgoingMail) -> Letter | None:
    """Tell how to finish a registration, or that there is an account already."""
    link = session.get(Link, mail.about) if mail.about is not None else None
    if _holder(session, mail.address) is not None:
        if link is not None:
            session.delete(link)
        return Letter(
            "You have a Lentigo account already",
            "Somebody, hopefully you, has tried to make a Lentigo account with this e-mail address. There is one "
            f"already. Sign in here, or ask for a new password there:\n{outside('auth.sign_in')}\n\n{IGNORE}",
        )
    if link is None:
        return None
    return Letter(
        "Finish making your Lentigo account",
        "Somebody, hopefully you, is making a Lentigo account with this e-mail address.\n\n"
        f"Finish it here within two hours:\n{outside('auth.open_link', token=links.give_out(link))}\n\n{IGNORE}",
    )


@letter(NEW_EMAIL)
def new_email(session: Session, mail: OutgoingMail) -> Letter | None:
    """Tell how to confirm that an e-mail address is one's own; an address that another account has is not."""
    link = session.get(Link, mail.about) if mail.about is not None else None
    if link is None or _holder(session, mail.address) is not None:
        return None
    return Letter(
        "Confirm your e-mail address for Lentigo",
        "Somebody, hopefully you, wants to sign in to Lentigo with this e-mail address.\n\n"
        f"Confirm it here within two hours:\n{outside('account.open_link', token=links.give_out(link))}\n\n{IGNORE}",
    )


@letter(EMAIL_CHANGED)
def email_changed(_session: Session, _mail: OutgoingMail) -> Letter:
    """Tell the former address."""
    return _notice("Your Lentigo account has another e-mail address", "The e-mail address of your account was changed.")


@letter(PASSWORD_CHANGED)
def password_changed(_session: Session, _mail: OutgoingMail) -> Letter:
    """Tell that the password is another."""
    return _notice(
        "Your Lentigo password was changed",
        "The password of your account was changed, and all other devices were signed out.",
    )


@letter(SIGN_IN_CHANGED)
def sign_in_changed(_session: Session, _mail: OutgoingMail) -> Letter:
    """Tell that the second step of signing in, or a passkey, is another."""
    return _notice(
        "How you sign in to Lentigo was changed",
        "A second step or a passkey was added to your account, changed or removed.",
    )


@letter(WRONG_CODES)
def wrong_codes(_session: Session, _mail: OutgoingMail) -> Letter:
    """Tell that somebody knows the password, and did not get past the second step."""
    return _notice(
        "Somebody could not take the second step into your Lentigo account",
        "Your password was entered, and then several wrong codes. Nobody was let in.",
    )


def _notice(subject: str, what: str) -> Letter:
    return Letter(subject, f"{what}\n\n{NOT_ME}\n{outside('reset.ask')}")


def _holder(session: Session, email: str) -> User | None:
    user: User | None = session.scalar(select(User).where(User.email == email))
    return user if user is not None and user.is_active else None
