"""Names are found by keyed digests: of the whole name, and of how its words begin.

Where it is stopped half-way it can be run again: what a name is known by follows from the name.

Revision: 0028, after 0027
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import postgresql, sqlite

from app.encrypted.ciphers import ciphers_of
from app.encrypted.names import NameIndex, folded
from app.keys import INDEX, data_keys_of

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

AT_A_TIME = 1_000  # rows of a transaction
BORNE = {"patients": ("name", "name_key"), "analyses": ("patient_name", "patient_key")}
FORGET = "DELETE FROM name_marks WHERE name_key = OLD.{key} " + " ".join(
    f"AND NOT EXISTS (SELECT 1 FROM {table} WHERE clinic_id = OLD.clinic_id AND {key} = OLD.{{key}})"
    for table, (_, key) in BORNE.items()
)

def upgrade() -> None:
    op.create_table(
        "name_marks",
        sa.Column("mark", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name_key", sa.String(22), nullable=False),
        sa.PrimaryKeyConstraint("mark", "name_key", name="pk_name_marks"),
        sqlite_with_rowid=False,
        if_not_exists=True,
    )
    op.create_index("ix_name_marks_name", "name_marks", ["name_key"], if_not_exists=True)
    _write_keys(digests=True)
    for table, (_, key) in BORNE.items():
        _make_trigger(table, key)


def downgrade() -> None:
    for table in BORNE:
        name = f"forget_names_of_{table}"
        if op.get_context().dialect.name == "sqlite":
            _run(f"DROP TRIGGER {name}_delete")
            _run(f"DROP TRIGGER {name}_update")
        else:
            _run(f"DROP TRIGGER {name} ON {table}")
            _run(f"DROP FUNCTION {name}")
    op.drop_table("name_marks")
    _write_keys(digests=False)


def _make_trigger(table: str, key: str) -> None:
    forget, name = FORGET.format(key=key), f"forget_names_of_{table}"
    if op.get_context().dialect.name == "sqlite":
        for when in ("DELETE", f"UPDATE OF {key}"):
            _run(
                f"CREATE TRIGGER IF NOT EXISTS {name}_{when.split()[0].lower()} AFTER {when} ON {table} FOR EACH ROW "
                f"BEGIN {forget}; END"
            )
    else:
        _run(
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN {forget}; RETURN NULL; END $$"
        )
        _run(
            f"CREATE OR REPLACE TRIGGER {name} AFTER DELETE OR UPDATE OF {key} ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {name}()"
        )


def _run(statement: str) -> None:
    op.execute(sa.text(statement.replace(":", "\\:")))


def _write_keys(*, digests: bool) -> None:
    if context.is_offline_mode():
        op.execute(sa.text("-- SQL can not digest names: what is there needs this step of `flask --app wsgi db upgrade`"))
        return
    with op.get_context().autocommit_block():
        engine = op.get_bind().engine
        for table, (name, key) in BORNE.items():
            _write_keys_of(engine, table, name, key, digests=digests)
        if engine.dialect.name == "sqlite":
            op.get_bind().exec_driver_sql("VACUUM")
            op.get_bind().exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").all()


def _write_keys_of(engine: sa.Engine, table: str, name: str, key: str, *, digests: bool) -> None:
    rows = sa.table(table, *map(sa.column, ("id", "clinic_id", name, key)))
    statement = sa.update(rows).where(rows.c.id == sa.bindparam("this")).values({key: sa.bindparam("key")})
    place, ciphers = f"{table}.{name}".encode(), ciphers_of(engine.dialect)
    secret, known = data_keys_of(engine.dialect).secret(INDEX), set[str]()
    for some in _stretches(engine, rows, name):
        values: list[dict[str, int | str]] = []
        marks: list[dict[str, int | str]] = []
        for id_, clinic_id, sealed in some:
            written, index = ciphers.unseal(sealed, place).decode(), NameIndex(secret, clinic_id)
            found = index.key(written) if digests else folded(written)[:240]
            values.append({"this": id_, "key": found})
            if digests and found not in known:
                known.add(found)
                marks += [{"mark": mark, "name_key": found} for mark in index.marks(written)]
        with engine.begin() as connection:
            connection.execute(statement, values)
            if marks:
                _write_marks(connection, marks)


def _stretches(engine: sa.Engine, rows: sa.TableClause, name: str) -> Iterator[list[sa.Row[int, int, str]]]:
    last = 0
    while True:
        following = sa.select(rows.c.id, rows.c.clinic_id, rows.c[name]).where(rows.c.id > last).order_by(rows.c.id)
        with engine.connect() as connection:
            some = list(connection.execute(following.limit(AT_A_TIME)))
        if not some:
            return
        yield some
        last = some[-1][0]


def _write_marks(connection: sa.Connection, marks: list[dict[str, int | str]]) -> None:
    into = sa.table("name_marks", sa.column("mark"), sa.column("name_key"))
    insert: Any = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[connection.dialect.name]
    connection.execute(insert(into).on_conflict_do_nothing(), marks)
