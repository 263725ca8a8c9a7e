"""Queries for the members of a clinic: whatever a person may see of them starts here."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.auth.tables import Clinic, User
from app.errors import NotFoundError


def members_of(user: User) -> Select[User]:
    """Select the members of a person's clinic, the person too, disabled ones last."""
    of_clinic = select(User).where(User.clinic_id == user.clinic_id)
    return of_clinic.order_by(User.disabled_at.is_not(None), User.name, User.id)


def member_of(session: Session, user: User, public_id: str) -> User:
    """Return one member of a person's clinic; NotFoundError if there is none such."""
    member: User | None = session.scalar(members_of(user).where(User.public_id == public_id))
    if member is None:
        raise NotFoundError("There is no such member of your clinic.")
    return member


def clinics(session: Session) -> Sequence[Clinic]:
    """Return all clinics, for commands."""
    return session.scalars(select(Clinic).order_by(Clinic.id)).all()


def clinic_called(session: Session, name: str) -> Clinic:
    """Return the clinic of a name or a public id, for commands; NotFoundError if there is none, or more than one."""
    found = session.scalars(select(Clinic).where((Clinic.name == name) | (Clinic.public_id == name)).limit(2)).all()
    if len(found) != 1:
        problem = "There is no clinic" if not found else "There is more than one clinic"
        raise NotFoundError(f"{problem} called {name}. Give the id that “clinics list” shows.")
    return found[0]


def account_of(session: Session, email: str) -> User:
    """Return the account of an e-mail address, for commands; NotFoundError if there is none."""
    user: User | None = session.scalar(select(User).where(User.email == email))
    if user is None:
        raise NotFoundError(f"There is no account for {email}.")
    return user
