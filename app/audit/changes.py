"""What a transaction changes: which rows of which tables, and which columns; never what is in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event, inspect
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction

CHANGES = "audited_changes"
MOST = 20  # rows of a table that are named one by one

Rows = dict[str, list[str]]


@dataclass
class Changes:
    """Rows by table, with their public ids where they have one; `at_once` are tables that a statement has changed.

    `clinic_id` and `author_id` are those of the first row that has one.
    """

    new: Rows = field(default_factory=dict)
    changed: Rows = field(default_factory=dict)
    erased: Rows = field(default_factory=dict)
    columns: dict[str, set[str]] = field(default_factory=dict)
    at_once: set[str] = field(default_factory=set)
    clinic_id: int | None = None
    author_id: int | None = None

    def tables(self) -> set[str]:
        """Return all tables that are touched."""
        return {*self.new, *self.changed, *self.erased, *self.at_once}

    def summary(self, but: frozenset[str]) -> Mapping[str, Any]:
        """Return what is recorded of them, without some tables."""
        rows = {"new": self.new, "changed": self.changed, "erased": self.erased}
        found: dict[str, Any] = {
            kind: {table: _few(ids) for table, ids in tables.items() if table not in but}
            for kind, tables in rows.items()
        }
        found["columns"] = {table: sorted(names) for table, names in self.columns.items() if table not in but}
        found["at_once"] = sorted(self.at_once - but)
        return {kind: value for kind, value in found.items() if value}


def changes_of(session: Session) -> Changes:
    """Return what the transaction of a session has changed so far, as far as it is flushed."""
    changes: Changes = session.info.setdefault(CHANGES, Changes())
    return changes


def forget(session: Session) -> None:
    """Begin anew, with a new transaction."""
    session.info.pop(CHANGES, None)


@event.listens_for(Session, "after_flush")
def _note_rows(session: Session, _context: UOWTransaction) -> None:
    changes = changes_of(session)
    for row in session.new:
        _add(changes, changes.new, row)
    for row in session.deleted:
        _add(changes, changes.erased, row)
    for row in session.dirty:
        if names := set(_changed_columns(row)):
            _add(changes, changes.changed, row)
            changes.columns.setdefault(row.__tablename__, set()).update(names)


@event.listens_for(Session, "do_orm_execute")
def _note_statement(state: ORMExecuteState) -> None:
    if state.is_insert or state.is_update or state.is_delete:
        table = getattr(state.statement, "table", None)
        changes_of(state.session).at_once.add(str(getattr(table, "name", "")))


def _add(changes: Changes, rows: Rows, row: Any) -> None:
    rows.setdefault(row.__tablename__, []).append(str(getattr(row, "public_id", None) or getattr(row, "code", "")))
    loaded = inspect(row).dict
    if changes.clinic_id is None:
        changes.clinic_id = loaded.get("clinic_id")
    if changes.author_id is None:
        changes.author_id = loaded.get("author_id") or loaded.get("owner_id")


def _changed_columns(row: Any) -> Iterator[str]:
    state = inspect(row)
    for attribute in state.mapper.column_attrs:
        if state.attrs[attribute.key].history.has_changes():
            yield attribute.key


def _few(ids: list[str]) -> Any:
    """Return ids, or how many there are where they are many or have none."""
    return ids if all(ids) and len(ids) <= MOST else len(ids)
