"""What can be done with clinics and their members. The caller commits.

Whatever could leave a clinic without an administrator waits its turn first: of two who demote each other at the same
moment, the second finds what the first has done.
"""

from __future__ import annotations

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.auth import sign_ins
from app.auth.services import found, named_after
from app.auth.tables import Clinic, User
from app.auth.two_factor import changes
from app.clinics.leaving import part
from app.clock import now
from app.errors import AppError, NotAllowedError
from app.security.roles import ADMINISTRATOR, ROLES

NOT_ANY_MORE = "You are no administrator of this clinic any more. Nothing was changed."


class LastAdministratorError(AppError):
    """A clinic was to be left without anybody who manages it."""

    status = 409
    kind = "last-administrator"
    title = "The clinic needs an administrator"

    def __init__(self) -> None:
        super().__init__("This is the clinic's only administrator. Make somebody else an administrator first.")


class OwnFactorsError(AppError):
    """Somebody wanted to be let off the own second step."""

    status = 409
    kind = "own-second-factor"
    title = "This is your own second step"

    def __init__(self) -> None:
        super().__init__("Your own second step is changed in your account. Another administrator can reset it.")


def rename(session: Session, clinic: Clinic, *, name: str, by: User | None = None) -> None:
    """Give a clinic another name; NotAllowedError if `by` is no administrator any more."""
    take_turn(session, clinic.id, by)
    clinic.name = name


def give_role(session: Session, member: User, *, role: str, by: User | None = None) -> None:
    """Give a member another role in the clinic; LastAdministratorError, NotAllowedError."""
    if role not in ROLES:
        raise ValueError(f"there is no role {role}")
    take_turn(session, member.clinic_id, by)
    if role != ADMINISTRATOR:
        _require_another(session, member)
    member.role = role


def disable(session: Session, member: User, *, by: User | None = None) -> None:
    """End a member's sessions and tokens at once, and let nobody sign in; LastAdministratorError, NotAllowedError."""
    take_turn(session, member.clinic_id, by)
    _require_another(session, member)
    member.disabled_at = member.disabled_at or now()
    sign_ins.end_all_of(session, user=member)


def reset_second_step(session: Session, member: User, *, by: User) -> None:
    """Remove all second factors of a member and end every sign-in; NotAllowedError, OwnFactorsError."""
    take_turn(session, member.clinic_id, by)
    if member.id == by.id:
        raise OwnFactorsError
    changes.reset(session, member)


def enable(session: Session, member: User, *, by: User | None = None) -> None:
    """Let a disabled member sign in again; NotAllowedError."""
    take_turn(session, member.clinic_id, by)
    member.disabled_at = None


def move(session: Session, member: User, *, clinic: Clinic, role: str, by: User | None = None) -> None:
    """Let a person go to another clinic: what was done stays behind, under the person's name.

    LastAdministratorError if others would be left without an administrator; NotAllowedError.
    """
    take_turn(session, member.clinic_id, by)
    if _colleagues(session, member):
        _require_another(session, member)
    part(session, member)
    member.clinic_id, member.role = clinic.id, role
    sign_ins.end_all_of(session, user=member)


def remove(session: Session, member: User, *, by: User | None = None) -> None:
    """Let a member go to an empty clinic of the member's own; LastAdministratorError, NotAllowedError."""
    take_turn(session, member.clinic_id, by)
    _require_another(session, member)
    own = found(session, name=named_after(member.name))
    move(session, member, clinic=own, role=ADMINISTRATOR)


def take_turn(session: Session, clinic_id: int, by: User | None) -> None:
    """Let nobody else change the members before this transaction ends: what is read next holds.

    NotAllowedError if the person who wants a change is an administrator of the clinic no more.
    """
    row = update(Clinic).where(Clinic.id == clinic_id).execution_options(synchronize_session=False)
    session.execute(row.values(name=Clinic.name))
    if by is None:
        return
    session.refresh(by)
    if not (by.is_active and by.manages and by.clinic_id == clinic_id):
        raise NotAllowedError(NOT_ANY_MORE)


def _require_another(session: Session, member: User) -> None:
    """Raise LastAdministratorError if nobody but a member, who manages the clinic, could do that afterwards."""
    session.refresh(member)
    managing = User.clinic_id == member.clinic_id, User.role == ADMINISTRATOR, User.disabled_at.is_(None)
    others = session.scalar(select(func.count()).select_from(User).where(*managing, User.id != member.id))
    if member.manages and member.disabled_at is None and not others:
        raise LastAdministratorError


def _colleagues(session: Session, member: User) -> int:
    others = select(func.count()).select_from(User).where(User.clinic_id == member.clinic_id, User.id != member.id)
    return session.scalar(others) or 0
