"""Queries for saved filters: whatever a person may see starts here."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.errors import NotFoundError
from app.results.saved_filters.tables import SavedFilter


def saved_filters_of(user: User) -> Select[SavedFilter]:
    """Select the filters that a person has saved."""
    return select(SavedFilter).where(SavedFilter.owner_id == user.id)


def all_saved_filters_of(session: Session, user: User) -> Sequence[SavedFilter]:
    """Return the filters that a person has saved, in the order of their names."""
    return sorted(session.scalars(saved_filters_of(user)), key=lambda saved: saved.name.casefold())


def saved_filter_of(session: Session, user: User, public_id: str) -> SavedFilter:
    """Return one saved filter of a person; NotFoundError if there is none, or if it is another's."""
    saved = session.scalar(saved_filters_of(user).where(SavedFilter.public_id == public_id))
    if saved is None:
        raise NotFoundError("There is no such saved filter. It may have been deleted.")
    return saved
