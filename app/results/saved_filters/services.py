"""What can be done with saved filters: save or replace one, rename it. The caller commits."""

from __future__ import annotations

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.clinics.leaving import on_leaving
from app.errors import AppError
from app.results.saved_filters.selectors import saved_filters_of
from app.results.saved_filters.tables import SavedFilter

MOST_SAVED = 20


class SavedFilterError(AppError):
    """A filter that can't be kept under a name."""

    status = 409
    title = "This filter can't be saved"


def save(session: Session, *, owner: User, name: str, query: str) -> SavedFilter:
    """Keep what is asked for under a name, in place of what has this name; SavedFilterError if there are too many."""
    saved = _called(session, owner, name)
    if saved is None:
        count = session.scalar(select(func.count()).select_from(saved_filters_of(owner).subquery())) or 0
        if count >= MOST_SAVED:
            raise SavedFilterError(f"You have {MOST_SAVED} saved filters, which is the most. Please delete one first.")
        saved = SavedFilter(owner_id=owner.id, name=name)
        session.add(saved)
    saved.query = query
    session.flush()
    return saved


def rename(session: Session, saved: SavedFilter, *, owner: User, name: str) -> None:
    """Give a saved filter another name; SavedFilterError if another has it."""
    other = _called(session, owner, name)
    if other is not None and other.id != saved.id:
        raise SavedFilterError(f"Another saved filter is called “{name}”. Nothing was changed.")
    saved.name = name
    session.flush()


def _called(session: Session, owner: User, name: str) -> SavedFilter | None:
    return session.scalar(saved_filters_of(owner).where(SavedFilter.name == name))


@on_leaving
def forget(session: Session, user: User) -> None:
    """Delete the filters of somebody who leaves the clinic: there are names of patients in them."""
    session.execute(delete(SavedFilter).where(SavedFilter.owner_id == user.id))
