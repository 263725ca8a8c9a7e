"""Names in the database: written down so that they are found, and looked up by how their words begin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, column, exists, false, func, select, table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from app.auth.tables import User
from app.encrypted import EncryptedText
from app.encrypted.names import NameIndex, begins_so, has_long_words
from app.keys import INDEX, data_keys_of
from app.results.tables import Analysis, NameMark

MOST_NAMES = 300  # that are gone on with
MOST_MARKED = 6_000  # names with a mark that are looked at
# by its name, as foreign keys have it: the record of patients lies above the results
PATIENTS = table(
    "patients", column("clinic_id"), column("name_key"), column("name", EncryptedText("patients.name", listed=True))
)


def index_of(session: Session, clinic_id: int) -> NameIndex:
    """Return the digests by which the names of a clinic are found."""
    return NameIndex(data_keys_of(session).secret(INDEX), clinic_id)


def name_key(session: Session, clinic_id: int, name: str) -> str:
    """Return what a name is known by in a clinic."""
    return index_of(session, clinic_id).key(name)


def written_down(session: Session, clinic_id: int, name: str) -> str:
    """Let a name be found by how its words begin, and return its key; the database forgets it with the last bearer."""
    index = index_of(session, clinic_id)
    key, marks = index.key(name), index.marks(name)
    if marks:
        _hold(session, key)
        insert: Any = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[session.get_bind().dialect.name]
        rows = [{"mark": mark, "name_key": key} for mark in sorted(marks)]
        session.execute(insert(NameMark).values(rows).on_conflict_do_nothing())
    return key


def _hold(session: Session, key: str) -> None:
    """Let nobody forget a name before this transaction ends: its bearer is not there yet for others to see."""
    if session.get_bind().dialect.name == "postgresql":  # SQLite lets one write at a time
        session.execute(select(func.pg_advisory_xact_lock_shared(func.hashtextextended(key, 0))))


def begin_so(session: Session, clinic_id: int, typed: str, key: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """Match rows whose name has a word that begins so, for each word typed; `key` is the column of the name's key."""
    marks = index_of(session, clinic_id).looked_for(typed)
    marked = (select(NameMark.name_key).where(NameMark.mark == mark, NameMark.name_key == key) for mark in marks)
    return and_(*(exists(each) for each in marked)) if marks else false()


def names_with(session: Session, user: User, typed: str) -> Sequence[str] | None:
    """Return the keys of the names of which each word typed begins a word; None if these are more than MOST_NAMES."""
    marks = index_of(session, user.clinic_id).looked_for(typed)
    if not marks:
        return []
    sizes = session.execute(select(*map(_size, marks))).one()
    size, rarest = min(zip(sizes, marks, strict=True))
    if size > MOST_MARKED:
        return None
    others = (_also(mark) for mark in marks if mark != rarest)
    found = select(NameMark.name_key).where(NameMark.mark == rarest, *others)
    keys = session.scalars(found.limit(MOST_NAMES + 1)).all()
    if len(keys) > MOST_NAMES:
        return None
    return sorted(_exactly(session, user, keys, typed) if has_long_words(typed) else keys)


def _size(mark: int) -> ColumnElement[int]:
    marked = select(NameMark.mark).where(NameMark.mark == mark).limit(MOST_MARKED + 1)
    return select(func.count()).select_from(marked.subquery()).scalar_subquery()


def _also(mark: int) -> ColumnElement[bool]:
    other = aliased(NameMark)
    return exists(select(other.mark).where(other.mark == mark, other.name_key == NameMark.name_key))


def _exactly(session: Session, user: User, keys: Sequence[str], typed: str) -> set[str]:
    """Return those of some names that begin as was typed beyond what is marked: they are decrypted, and read."""
    known = select(PATIENTS.c.name_key, PATIENTS.c.name).where(
        PATIENTS.c.clinic_id == user.clinic_id, PATIENTS.c.name_key.in_(keys)
    )
    unkept = select(func.min(Analysis.id)).where(
        Analysis.clinic_id == user.clinic_id, Analysis.patient_key.in_(keys), Analysis.patient_id.is_(None)
    )
    of_nobody = select(Analysis.patient_key, Analysis.patient_name).where(
        Analysis.id.in_(unkept.group_by(Analysis.patient_key))
    )
    return {key for query in (known, of_nobody) for key, name in session.execute(query) if begins_so(name, typed)}
