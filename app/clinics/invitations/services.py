"""What can be done with invitations: make one, give out its link, accept it. The caller commits."""

from __future__ import annotations

import secrets
from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.auth.links.services import UsedLinkError, digest_of
from app.auth.passwords import Passwords
from app.auth.services import ClosedError, register
from app.auth.tables import User
from app.clinics.invitations.selectors import invitations_of
from app.clinics.invitations.tables import Invitation
from app.clinics.services import take_turn
from app.clock import now
from app.errors import AppError
from config import Settings

LIFETIME = timedelta(days=7)
MOST = 100  # open at a time, of one clinic


class TooManyInvitationsError(AppError):
    """A clinic has as many open invitations as any may have."""

    status = 409
    title = "There are too many invitations"


def require_allowed(settings: Settings) -> None:
    """Raise ClosedError where no further accounts are made."""
    if settings.registration == "closed":
        raise ClosedError


def invite(session: Session, *, by: User, email: str, role: str) -> Invitation:
    """Invite an e-mail address to the person's clinic, in place of an earlier invitation; flushes the row.

    NotAllowedError if the person is no administrator any more; TooManyInvitationsError.
    """
    take_turn(session, by.clinic_id, by)
    earlier = Invitation.clinic_id == by.clinic_id, (Invitation.email == email) | (Invitation.expires_at <= now())
    session.execute(delete(Invitation).where(*earlier))
    if (session.scalar(select(func.count()).select_from(invitations_of(by).subquery())) or 0) >= MOST:
        raise TooManyInvitationsError(f"There are {MOST} open invitations, which is the most. Please revoke one first.")
    invitation = Invitation(
        clinic_id=by.clinic_id, inviter_id=by.id, email=email, role=role, expires_at=now() + LIFETIME
    )
    session.add(invitation)
    session.flush()
    return invitation


def give_out(invitation: Invitation) -> str:
    """Return the token of an invitation for its link; one that was given out before opens nothing now."""
    token = secrets.token_urlsafe(32)
    invitation.digest = digest_of(token)
    return token


def look_at(session: Session, *, token: str) -> Invitation:
    """Return the invitation of a token, without accepting it; UsedLinkError."""
    invitation = session.scalar(
        select(Invitation).where(Invitation.digest == digest_of(token), Invitation.expires_at > now())
    )
    if invitation is None or not _still_meant(invitation):
        raise UsedLinkError
    return invitation


def accept(session: Session, passwords: Passwords, *, token: str, name: str, password: str) -> User:
    """Make the account that somebody is invited to, once; UsedLinkError, EmailTakenError."""
    invitation = look_at(session, token=token)
    accepted = delete(Invitation).where(Invitation.id == invitation.id, Invitation.digest == digest_of(token))
    clinic, role, email = invitation.clinic, invitation.role, invitation.email
    if session.scalar(accepted.returning(Invitation.id)) is None:  # somebody else was first, or it was just revoked
        raise UsedLinkError
    return register(session, passwords, name=name, email=email, password=password, clinic=clinic, role=role)


def _still_meant(invitation: Invitation) -> bool:
    """Tell whether whoever has invited could still do so."""
    inviter = invitation.inviter
    return inviter.is_active and inviter.manages and inviter.clinic_id == invitation.clinic_id
