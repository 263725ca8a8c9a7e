"""Queries for the invitations of a clinic."""

from __future__ import annotations

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.clinics.invitations.tables import Invitation
from app.errors import NotFoundError


def invitations_of(user: User) -> Select[Invitation]:
    """Select the invitations to a person's clinic, the newest first."""
    return select(Invitation).where(Invitation.clinic_id == user.clinic_id).order_by(Invitation.id.desc())


def invitation_of(session: Session, user: User, public_id: str) -> Invitation:
    """Return one invitation to a person's clinic; NotFoundError if there is none such."""
    invitation = session.scalar(invitations_of(user).where(Invitation.public_id == public_id))
    if invitation is None:
        raise NotFoundError("There is no such invitation. It may have been accepted or revoked.")
    return invitation
