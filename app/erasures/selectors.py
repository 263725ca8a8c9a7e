"""Queries for erasures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.erasures.records import Erased
from app.erasures.tables import KINDS, Erasure

MANY = 500  # ids in a statement


def parts_of(erased: Iterable[Erased]) -> Iterator[list[Erased]]:
    """Yield a few hundred at a time: databases take only so many values in a statement."""
    rest = iter(erased)
    while part := list(islice(rest, MANY)):
        yield part


def known(session: Session, erased: Sequence[Erased]) -> set[Erased]:
    """Return which of some erasures, a few hundred at most, the database knows."""
    found: set[Erased] = set()
    for kind in KINDS:
        of_kind = {one.public_id: one for one in erased if one.kind == kind}
        if of_kind:
            rows = select(Erasure.public_id).where(Erasure.kind == kind, Erasure.public_id.in_(of_kind))
            found |= {of_kind[public_id] for public_id in session.scalars(rows)}
    return found
