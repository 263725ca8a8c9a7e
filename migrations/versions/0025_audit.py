"""The audit log: events that are chained, and where the log begins and ends.

Revision: 0025, after 0024
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context, op

from app.audit.log import first_head
from app.keys import AUDIT, data_keys_of

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

POSITION = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INDEXES = {
    "ix_audit_events_clinic": ["clinic_id", "position"],
    "ix_audit_events_actor": ["actor_id", "position"],
    "ix_audit_events_patient": ["patient_id", "position"],
    "ix_audit_events_action": ["clinic_id", "action", "position"],
    "ix_audit_events_at": ["at"],
}

REFUSAL = "the audit log is never changed"
PRUNED = "OLD.position <= (SELECT start FROM audit_heads WHERE id = 1)"
ON_UPDATE = "CREATE TRIGGER audit_events_sealed BEFORE UPDATE ON audit_events"
ON_DELETE = "CREATE TRIGGER audit_events_kept BEFORE DELETE ON audit_events"
ON_TRUNCATE = "CREATE TRIGGER audit_events_whole BEFORE TRUNCATE ON audit_events"
ON_HEAD = "CREATE TRIGGER audit_heads_kept BEFORE DELETE ON audit_heads"
REFUSING, KEEPING = "refuse_to_change_the_audit_log()", "keep_the_audit_log()"


def upgrade() -> None:
    op.create_table(
        "audit_events",
        sa.Column("position", POSITION, autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("operation", sa.String(80), nullable=False),
        sa.Column("outcome", sa.String(8), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("role", sa.String(16), nullable=True),
        sa.Column("clinic_id", sa.Integer(), nullable=True),
        sa.Column("subject_kind", sa.String(16), nullable=True),
        sa.Column("subject_id", sa.String(64), nullable=True),
        sa.Column("patient_id", sa.String(32), nullable=True),
        sa.Column("address", sa.String(45), nullable=True),
        sa.Column("agent", sa.String(40), nullable=True),
        sa.Column("channel", sa.String(80), nullable=False),
        sa.Column("request_id", sa.String(16), nullable=True),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_audit_events"),
    )
    for name, columns in INDEXES.items():
        op.create_index(name, "audit_events", columns)
    undone = sa.text("outcome != 'done'")
    op.create_index(
        "ix_audit_events_undone", "audit_events", ["clinic_id", "position"], sqlite_where=undone, postgresql_where=undone
    )
    heads = op.create_table(
        "audit_heads",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", POSITION, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("start", POSITION, nullable=False),
        sa.Column("start_hash", sa.String(64), nullable=False),
        sa.Column("anchored", POSITION, nullable=False),
        sa.Column("seal", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_heads"),
        sa.CheckConstraint("id = 1", name="ck_audit_heads_only_one"),
    )
    _guard(op.get_context().dialect.name)
    if not context.is_offline_mode():
        connection = op.get_bind()
        op.bulk_insert(heads, [first_head(data_keys_of(connection).all_of(AUDIT, connection)[1])])


def downgrade() -> None:
    op.drop_table("audit_events")
    op.drop_table("audit_heads")
    if op.get_context().dialect.name == "postgresql":
        op.execute(f"DROP FUNCTION {REFUSING}")
        op.execute(f"DROP FUNCTION {KEEPING}")


def _guard(dialect: str) -> None:
    if dialect == "sqlite":
        abort = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        for statement in (f"{ON_UPDATE} {abort}", f"{ON_DELETE} WHEN NOT {PRUNED} {abort}", f"{ON_HEAD} {abort}"):
            op.execute(statement)
    if dialect == "postgresql":
        _guard_postgresql()


def _guard_postgresql() -> None:
    made = "RETURNS trigger LANGUAGE plpgsql AS"
    op.execute(f"CREATE FUNCTION {REFUSING} {made} $$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$")
    op.execute(
        f"CREATE FUNCTION {KEEPING} {made} "
        f"$$ BEGIN IF {PRUNED} THEN RETURN OLD; END IF; RAISE EXCEPTION '{REFUSAL}'; END $$"
    )
    for trigger, function in ((ON_UPDATE, REFUSING), (ON_DELETE, KEEPING), (ON_HEAD, REFUSING)):
        op.execute(f"{trigger} FOR EACH ROW EXECUTE FUNCTION {function}")
    op.execute(f"{ON_TRUNCATE} FOR EACH STATEMENT EXECUTE FUNCTION {REFUSING}")
