"""The database that is moved to: empty before, marked as half-moved meanwhile, a site's afterwards.

While rows are added no trigger runs, for what these would do was done where the rows come from. The version of the
migrations is held back until the end, so that no site starts on half of the rows.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, Engine, column, delete, insert, inspect, select, table, text

from app.extensions import db
from app.moving.errors import MoveError
from app.moving.mirror import Mirror, mirrors
from app.moving.source import version

NOTES = table("moving", column("kind"), column("name"), column("content"))
MADE_WITH_THE_TABLES = ("audit_heads", "compatibility", "data_keys")  # what is in every new database
NOT_EMPTY = "The target database is not empty: {}. Name another, or empty it."
OTHER_SITE = "Another site is being moved to the target database. Name another, or empty it."
OTHER_VERSION = (
    "The target database has other migrations than the present one. Run `db upgrade` on the present one, and empty the "
    "target, or name another."
)


def has_tables(engine: Engine) -> bool:
    """Tell whether there is anything in a database."""
    return bool(inspect(engine).get_table_names())


def is_begun(engine: Engine, site: str) -> bool:
    """Tell whether a move to a database has begun; MoveError if it is that of another site, or there is another one."""
    if inspect(engine).has_table(NOTES.name):
        with engine.connect() as connection:
            if _note(connection, "site") != site:
                raise MoveError(OTHER_SITE)
        return True
    return False


def begin(engine: Engine, site: str, wanted: set[str]) -> None:
    """Mark a database with empty tables as half-moved, and set its triggers and version aside; MoveError."""
    with engine.begin() as connection:
        _begin_at_once(connection)
        if not connection.dialect.has_table(connection, "alembic_version"):
            raise MoveError(NOT_EMPTY.format("tables of something else"))
        if version(connection) != wanted:
            raise MoveError(OTHER_VERSION)
        full = [each.name for each in mirrors(engine.dialect.name) if _has_rows(connection, each)]
        if full:
            raise MoveError(NOT_EMPTY.format(", ".join(full[:3])))
        connection.execute(text("CREATE TABLE moving (kind TEXT NOT NULL, name TEXT NOT NULL, content TEXT NOT NULL)"))
        _note_down(connection, "site", [("", site)])
        _note_down(connection, "version", [(each, "") for each in wanted])
        connection.execute(text("DELETE FROM alembic_version"))
        _set_aside_triggers(connection)
        for name in MADE_WITH_THE_TABLES:
            connection.execute(delete(table(name)))


def note_files(engine: Engine) -> None:
    """Write down that the files are moved."""
    with engine.begin() as connection:
        _note_down(connection, "files", [("", "moved")])


def files_are_moved(engine: Engine) -> bool:
    """Tell whether the files were moved."""
    with engine.connect() as connection:
        return _note(connection, "files") is not None


def finish(engine: Engine) -> None:
    """Give a database back its triggers and its version, and have it count on from its highest numbers."""
    with engine.begin() as connection:
        _begin_at_once(connection)
        if engine.dialect.name == "postgresql":
            _switch_triggers(connection, "ENABLE")
            _count_on(connection)
        for statement in connection.scalars(select(NOTES.c.content).where(NOTES.c.kind == "trigger")).all():
            connection.exec_driver_sql(statement)
        versions = connection.scalars(select(NOTES.c.name).where(NOTES.c.kind == "version")).all()
        rows = [{"version_num": each} for each in versions]
        connection.execute(insert(table("alembic_version", column("version_num"))), rows)
        connection.execute(text("DROP TABLE moving"))


def empty(engine: Engine) -> None:
    """Remove all tables of a half-moved database, the mark last."""
    with engine.begin() as connection:
        db.metadata.drop_all(connection)
        for name in ("alembic_version", NOTES.name):
            connection.execute(text(f"DROP TABLE IF EXISTS {name}"))


def _begin_at_once(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":  # so that what is done to tables is part of the transaction
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _has_rows(connection: Connection, mirror: Mirror) -> bool:
    return mirror.name not in MADE_WITH_THE_TABLES and mirror.last(connection) is not None


def _set_aside_triggers(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        _switch_triggers(connection, "DISABLE")
        return
    found = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY rowid")).all()
    _note_down(connection, "trigger", [tuple(row) for row in found])
    for name, _ in found:
        connection.exec_driver_sql(f'DROP TRIGGER "{name}"')


def _switch_triggers(connection: Connection, switch: str) -> None:
    """Switch the triggers of all tables but those that watch over references, which are the owner's to switch."""
    for each in db.metadata.sorted_tables:
        connection.exec_driver_sql(f"ALTER TABLE {each.name} {switch} TRIGGER USER")


def _count_on(connection: Connection) -> None:
    for each in db.metadata.sorted_tables:
        key = each.autoincrement_column
        if key is None:
            continue
        named = {"name": each.name, "key": key.name}
        sequence = connection.scalar(text("SELECT pg_get_serial_sequence(:name, :key)"), named)
        highest = f"SELECT max({key.name}) FROM {each.name}"  # noqa: S608 - of our tables
        if sequence is not None and (number := connection.scalar(text(highest))) is not None:
            connection.execute(text("SELECT setval(:sequence, :number)"), {"sequence": sequence, "number": number})


def _note(connection: Connection, kind: str) -> str | None:
    return connection.scalar(select(NOTES.c.content).where(NOTES.c.kind == kind))


def _note_down(connection: Connection, kind: str, notes: Iterable[tuple[str, ...]]) -> None:
    rows = [{"kind": kind, "name": name, "content": content} for name, content in notes]
    if rows:
        connection.execute(insert(NOTES), rows)
