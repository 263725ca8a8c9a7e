"""Whether the code can work with the tables as they are: during an update, servers of two versions share a database.

Migrations add first (expand), and take away only once no server needs it (contract). So tables may be ahead of the
code, as far as the last migration that took something away allows.
"""

from __future__ import annotations

from functools import cache

from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Connection, String, inspect, select, text
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base

RESTORING = "restoring"  # a table that is there while a backup is being restored, see `app.backups`


class Compatibility(Base):
    """The one row that says with how old a code the tables work: that of revision `oldest`, and every later one.

    It is written by `migrations/env.py`, where a migration says `contract`.
    """

    __tablename__ = "compatibility"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    oldest: Mapped[str] = mapped_column(String(32))


def works_with(connection: Connection, folder: str) -> bool:
    """Tell whether this code, whose migrations are in a folder, works with the tables of a database."""
    found = set(connection.scalars(text("SELECT version_num FROM alembic_version")))
    if inspect(connection).has_table(RESTORING):
        return False
    (head,) = heads_of(folder)
    if found == {head}:
        return True
    # revisions are numbers of four digits: a later one sorts behind
    return len(found) == 1 and max(found) > head and oldest(connection) <= head


def oldest(connection: Connection) -> str:
    """Return the revision of the oldest code that the tables work with."""
    return connection.scalar(select(Compatibility.oldest)) or "none"


@cache
def heads_of(folder: str) -> frozenset[str]:
    """Return the last revision of a folder of migrations."""
    return frozenset(ScriptDirectory(folder).get_heads())
