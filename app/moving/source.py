"""The database that is moved, to which nobody writes meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, select, text
from sqlalchemy.exc import OperationalError

from app.extensions import db
from app.keys.tables import DataKey
from app.moving.errors import MoveError
from app.moving.mirror import Mirror

AT_WORK = "The site is at work: stop its web servers and workers first, and start none before it has been moved."
OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = current_user "
    "AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
)


@contextmanager
def held(engine: Engine) -> Iterator[Connection]:
    """Give a connection to a database to which nobody else can write meanwhile; MoveError if somebody is there."""
    engine.dispose()
    with engine.connect() as connection:
        try:
            if engine.dialect.name == "sqlite":
                _hold_file(connection)
            else:
                _hold_tables(connection)
        except OperationalError as error:
            raise MoveError(AT_WORK) from error
        yield connection
    engine.dispose()


def identity(connection: Connection) -> str:
    """Return what tells one site from another, whatever its master key is."""
    columns = DataKey.__table__.c
    first = select(columns.id, columns.purpose, columns.made_at).where(columns.number == 1).order_by(columns.id)
    return "; ".join(f"{row.purpose} {row.made_at.isoformat()}" for row in connection.execute(first))


def version(connection: Connection) -> set[str]:
    """Return which migrations a database has; MoveError if it has none."""
    if not connection.dialect.has_table(connection, "alembic_version"):
        raise MoveError("There is no site in the present database: set LENTIGO_DATABASE_URL to the one that is moved.")
    return set(connection.scalars(text("SELECT version_num FROM alembic_version")))


def _hold_file(connection: Connection) -> None:
    """Leave the mode in which several processes may have the file open, which fails while one of them has."""
    connection.exec_driver_sql("PRAGMA journal_mode=DELETE")
    connection.exec_driver_sql("BEGIN EXCLUSIVE")


def _hold_tables(connection: Connection) -> None:
    if connection.scalar(OTHERS):
        raise MoveError(AT_WORK)
    connection.exec_driver_sql("SET LOCAL lock_timeout = '10s'")
    names = ", ".join(Mirror(each, "postgresql").name for each in db.metadata.sorted_tables)
    connection.exec_driver_sql(f"LOCK TABLE {names} IN SHARE MODE")
