"""Triggers that forget a name with the last patient and the last test that bear it.

They stand in the database, because there no way of renaming, merging or erasing gets past them, cascades included.
In PostgreSQL, where several write at once, one that forgets a name waits for those that write it down or forget it,
and they for it: what is looked for afterwards is there, as `results.names.written_down` holds the other end.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, MetaData, event

from app.extensions import Base

BORNE = {"patients": "name_key", "analyses": "patient_key"}
BORNE_BY = "SELECT 1 FROM {} WHERE clinic_id = OLD.clinic_id AND {} = OLD.{{key}}"
NOBODY = " AND ".join(f"NOT EXISTS ({BORNE_BY.format(table, column)})" for table, column in BORNE.items())
CHANGED = "OLD.{key} IS DISTINCT FROM NEW.{key}"  # as it is when the row goes, for then NEW is nothing
ALONE = "PERFORM pg_advisory_xact_lock(hashtextextended(OLD.{key}, 0))"
FORGET = f"DELETE FROM name_marks WHERE name_key = OLD.{{key}} AND {NOBODY}"  # noqa: S608 - ours


def triggers(dialect: str) -> Sequence[str]:
    """Return the statements that make the triggers, for ``sqlite`` or ``postgresql``."""
    return [statement for table, key in BORNE.items() for statement in _of(dialect, table, key)]


def _of(dialect: str, table: str, key: str) -> Sequence[str]:
    forget, name = FORGET.format(key=key), f"forget_names_of_{table}"
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER IF NOT EXISTS {name}_{when.split()[0].lower()} AFTER {when} ON {table} FOR EACH ROW "
            f"BEGIN {forget}; END"
            for when in ("DELETE", f"UPDATE OF {key}")
        ]
    function = f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS"
    trigger = f"CREATE OR REPLACE TRIGGER {name} AFTER DELETE OR UPDATE OF {key} ON {table} FOR EACH ROW"
    body = f"IF {CHANGED.format(key=key)} THEN {ALONE.format(key=key)}; {forget}; END IF; RETURN NULL;"
    return [f"{function} $$ BEGIN {body} END $$", f"{trigger} EXECUTE FUNCTION {name}()"]


@event.listens_for(Base.metadata, "after_create")
def _make_triggers(_metadata: MetaData, connection: Connection, **_: object) -> None:
    """Make them with the tables; a site gets both from the migrations."""
    for statement in triggers(connection.dialect.name):
        connection.exec_driver_sql(statement)
