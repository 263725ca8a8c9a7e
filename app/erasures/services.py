"""What can be done with erasures: write down what is being erased, and erase it again. The caller commits."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence

from sqlalchemy.orm import Session

from app.clock import now
from app.erasures.jobs import file_erasures
from app.erasures.records import Erased
from app.erasures.selectors import known, parts_of
from app.erasures.tables import KINDS, Erasure

Listed = Callable[[str, Collection[str]], set[str]]
Again = Callable[[Session, str, Listed], bool]
AGAIN: dict[str, Again] = {}


def erases_again(kind: str) -> Callable[[Again], Again]:
    """Make a function the one that erases what is of a kind, should a backup have brought it back.

    It is given a session, the id, and a function that returns which ids of a kind are to be erased, too; it tells
    whether there was anything to erase. It may be called twice.
    """

    def kept(function: Again) -> Again:
        AGAIN[kind] = function
        return function

    return kept


def write_down(session: Session, kind: str, public_ids: Collection[str]) -> None:
    """Write down that something is being erased, to be committed with the erasure; and after that in the file."""
    if public_ids:
        moment = now()
        _add(session, [Erased(kind, public_id, moment) for public_id in public_ids])
        file_erasures.send_after_commit(session)


def erase_again(session: Session, erased: Sequence[Erased]) -> Iterator[tuple[Erased, bool]]:
    """Erase what is listed, and yield with each whether there was anything; the caller commits after each.

    Patients come before tests: what stands with a patient and is not listed had been moved to another one.
    """
    _add(session, erased)
    ids = {kind: {one.public_id for one in erased if one.kind == kind} for kind in KINDS}

    def listed(kind: str, public_ids: Collection[str]) -> set[str]:
        return ids[kind] & set(public_ids)

    for one in sorted(erased, key=lambda one: KINDS.index(one.kind)):
        yield one, AGAIN[one.kind](session, one.public_id, listed)


def _add(session: Session, erased: Sequence[Erased]) -> None:
    for part in parts_of(dict.fromkeys(erased)):
        there = known(session, part)
        rows = [one for one in part if one not in there]
        session.add_all(Erasure(kind=one.kind, public_id=one.public_id, erased_at=one.erased_at) for one in rows)
        session.flush()
