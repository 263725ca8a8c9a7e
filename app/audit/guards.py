"""Triggers that keep the log as it is: events never change, and go only once the log begins after them.

They stop mistakes, and whoever has only ordinary SQL; what they can't stop, the chain shows.
"""

from __future__ import annotations

from types import MappingProxyType

from sqlalchemy import DDL, Table, event

REFUSAL = "the audit log is never changed"
PRUNED = "OLD.position <= (SELECT start FROM audit_heads WHERE id = 1)"
REFUSING = "refuse_to_change_the_audit_log()"
FUNCTION = (
    f"CREATE OR REPLACE FUNCTION {REFUSING} RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"
)
UNLESS_PRUNED = (
    "CREATE OR REPLACE FUNCTION keep_the_audit_log() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN IF {PRUNED} THEN RETURN OLD; END IF; RAISE EXCEPTION '{REFUSAL}'; END $$"
)

ON_UPDATE = "CREATE TRIGGER audit_events_sealed BEFORE UPDATE ON audit_events"
ON_DELETE = "CREATE TRIGGER audit_events_kept BEFORE DELETE ON audit_events"
ON_TRUNCATE = "CREATE TRIGGER audit_events_whole BEFORE TRUNCATE ON audit_events"
ON_HEAD = "CREATE TRIGGER audit_heads_kept BEFORE DELETE ON audit_heads"
ABORT = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
EACH_ROW = "FOR EACH ROW EXECUTE FUNCTION"

EVENTS = MappingProxyType(
    {
        "sqlite": (f"{ON_UPDATE} {ABORT}", f"{ON_DELETE} WHEN NOT {PRUNED} {ABORT}"),
        "postgresql": (
            FUNCTION,
            UNLESS_PRUNED,
            f"{ON_UPDATE} {EACH_ROW} {REFUSING}",
            f"{ON_DELETE} {EACH_ROW} keep_the_audit_log()",
            f"{ON_TRUNCATE} FOR EACH STATEMENT EXECUTE FUNCTION {REFUSING}",
        ),
    }
)
HEADS = MappingProxyType(
    {"sqlite": (f"{ON_HEAD} {ABORT}",), "postgresql": (FUNCTION, f"{ON_HEAD} {EACH_ROW} {REFUSING}")}
)


def guard(events: Table, heads: Table) -> None:
    """Make the triggers together with the tables."""
    for table, guards in ((events, EVENTS), (heads, HEADS)):
        for dialect, statements in guards.items():
            for statement in statements:
                made = DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]  # SQLAlchemy's
                event.listen(table, "after_create", made.execute_if(dialect=dialect))
