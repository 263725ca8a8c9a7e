"""A trigger that keeps the accounts of those who have worked: what they did must not go with them, nor lose its author.

It stands in the database, because most foreign keys to an account let rows go along, and SQLite changes none of them
without a copy of the whole table.
"""

from __future__ import annotations

from sqlalchemy import DDL, event

from app.auth.tables import User

REFUSAL = "an account is the author of records: disable it instead"
RECORDS = ("analyses", "patients", "follow_ups", "batches", "deliveries")
AUTHORED = " OR ".join(f"EXISTS (SELECT 1 FROM {table} WHERE author_id = OLD.id)" for table in RECORDS)  # noqa: S608 - ours
ON_DELETE = "CREATE TRIGGER users_kept BEFORE DELETE ON users"
FUNCTION = "CREATE OR REPLACE FUNCTION keep_authors() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$"
STATEMENTS = {
    "sqlite": (f"{ON_DELETE} WHEN {AUTHORED} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",),
    "postgresql": (
        FUNCTION.format(body=f"IF {AUTHORED} THEN RAISE EXCEPTION '{REFUSAL}'; END IF; RETURN OLD;"),
        f"{ON_DELETE} FOR EACH ROW EXECUTE FUNCTION keep_authors()",
    ),
}

for dialect, statements in STATEMENTS.items():
    for statement in statements:
        made = DDL(statement)  # type: ignore[no-untyped-call]  # SQLAlchemy's
        event.listen(User.metadata, "after_create", made.execute_if(dialect=dialect))
