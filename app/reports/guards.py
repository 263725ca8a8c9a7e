"""Triggers that keep issued reports as they are, and leave a trace of those that are erased.

They stand in the database, because there nobody gets past them: neither a service that forgets itself, nor an analysis
that goes by whatever way, cascades included.
"""

from __future__ import annotations

from types import MappingProxyType

from sqlalchemy import DDL, Table, event

REFUSAL = "an issued report never changes"

TRACE = """
    INSERT INTO erased_reports (code, issued_at, signed_at, erased_at, pdf_sha256, signed_pdf_sha256)
    VALUES (
        OLD.code, OLD.issued_at, (SELECT signed_at FROM report_signatures WHERE report_id = OLD.id),
        CURRENT_TIMESTAMP, OLD.pdf_sha256, (SELECT pdf_sha256 FROM report_signatures WHERE report_id = OLD.id)
    );
"""

ON_UPDATE = "CREATE TRIGGER %(table)s_sealed BEFORE UPDATE ON %(table)s"
ON_DELETE = "CREATE TRIGGER %(table)s_erased BEFORE DELETE ON %(table)s"
REFUSING, TRACING = "refuse_to_change_a_report()", "leave_a_trace_of_a_report()"
FUNCTION = "CREATE OR REPLACE FUNCTION {name} RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$"

SEALED = MappingProxyType(
    {
        "sqlite": (f"{ON_UPDATE} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",),
        "postgresql": (
            FUNCTION.format(name=REFUSING, body=f"RAISE EXCEPTION '{REFUSAL}';"),
            f"{ON_UPDATE} FOR EACH ROW EXECUTE FUNCTION {REFUSING}",
        ),
    }
)
TRACED = MappingProxyType(
    {
        "sqlite": (f"{ON_DELETE} BEGIN {TRACE} END",),
        "postgresql": (
            FUNCTION.format(name=TRACING, body=f"{TRACE} RETURN OLD;"),
            f"{ON_DELETE} FOR EACH ROW EXECUTE FUNCTION {TRACING}",
        ),
    }
)


def guard(table: Table, *, traced: bool = False) -> None:
    """Refuse every change of a row; `traced`: what is erased is written down in `erased_reports`."""
    table.info["sealed"] = f"{table.name}_sealed"  # for whoever encrypts what it holds under another key
    for guards in (SEALED, TRACED) if traced else (SEALED,):
        for dialect, statements in guards.items():
            for statement in statements:
                made = DDL(statement)  # type: ignore[no-untyped-call]  # SQLAlchemy's
                event.listen(table, "after_create", made.execute_if(dialect=dialect))
