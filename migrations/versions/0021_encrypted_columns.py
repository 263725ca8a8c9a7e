"""Names, notes and reports are encrypted.

Where it is stopped half-way it can be run again: what is encrypted already is recognised. SQLite is packed at the end,
so that nothing of the former texts is left in its free pages; in PostgreSQL they go with its own clearing, VACUUM FULL.

Revision: 0021, after 0020
"""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from alembic import context, op

from app.encrypted.ciphers import Ciphers, ciphers_of
from app.encrypted.rewriting import Change, decrypting, encrypting, rewrite

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

TEXTS: dict[str, dict[str, int | str | None]] = {
    "patients": {"name": 120, "notes": None},
    "lesions": {"note": None},
    "follow_ups": {"reason": 200},
    "analyses": {"patient_name": 120, "note": None},
    "verdicts": {"note": None},
    "saved_filters": {"query": None},
    "reports": {"content": None, "reason": None},
    "batches": {"label": 120, "patient_name": 120, "rows": "json", "unmatched": "json"},
    "batch_items": {"name": 200, "reason": 400, "patient_name": 120},
    "deliveries": {"reason": 400, "reference": 200},
}
COLUMNS = {table: tuple(columns) for table, columns in TEXTS.items()}
SEALED = {"reports": "reports_sealed"}


def upgrade() -> None:
    for table, columns in TEXTS.items():
        for column, former in columns.items():
            if former is not None:
                _retype(table, column, "TEXT")
    _rewrite(encrypting)


def downgrade() -> None:
    _rewrite(decrypting)
    for table, columns in TEXTS.items():
        for column, former in columns.items():
            if former is not None:
                _retype(table, column, "JSON" if former == "json" else f"VARCHAR({former})")


def _retype(table: str, column: str, now: str) -> None:
    # SQLite holds nobody to a length, and would copy the table
    if op.get_context().dialect.name != "sqlite":
        op.execute(sa.text(f"ALTER TABLE {table} ALTER COLUMN {column} TYPE {now} USING {column}::{now}"))


def _rewrite(change: Callable[[Ciphers], Change]) -> None:
    if context.is_offline_mode():
        op.execute(sa.text("-- SQL can not encrypt: what is there needs this step of `flask --app wsgi db upgrade`"))
        return
    with op.get_context().autocommit_block():
        connection = op.get_bind()
        engine = connection.engine
        ciphers = ciphers_of(engine.dialect)
        ciphers.forget()
        rewrite(engine, COLUMNS, change(ciphers), sealed=SEALED)
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("VACUUM")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").all()
