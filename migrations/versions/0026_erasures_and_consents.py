"""What was erased, whom tests were kept with before, what patients have agreed to, and how long records are kept.

Revision: 0026, after 0025
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "erasures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("public_id", sa.String(32), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_erasures"),
        sa.UniqueConstraint("kind", "public_id", name="uq_erasures_kind"),
    )
    unfiled = sa.text("filed_at IS NULL")
    op.create_index("ix_erasures_unfiled", "erasures", ["id"], sqlite_where=unfiled, postgresql_where=unfiled)
    op.create_table(
        "former_records",
        sa.Column("public_id", sa.String(32), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        _of("former_records", "patient_id", "patients"),
        sa.PrimaryKeyConstraint("public_id", name="pk_former_records"),
    )
    op.create_index("ix_former_records_patient_id", "former_records", ["patient_id"])
    op.create_table(
        "former_keepings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("analysis_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        _of("former_keepings", "analysis_id", "analyses"),
        _of("former_keepings", "patient_id", "patients"),
        sa.PrimaryKeyConstraint("id", name="pk_former_keepings"),
    )
    op.create_index("ix_former_keepings_analysis", "former_keepings", ["analysis_id", "until"])
    op.create_index("ix_former_keepings_patient_id", "former_keepings", ["patient_id"])
    op.create_table(
        "consents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(16), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("how", sa.String(16), nullable=False),
        sa.Column("form_version", sa.String(60), nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("author_name", sa.String(120), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        _of("consents", "patient_id", "patients"),
        _of("consents", "author_id", "users", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_consents"),
    )
    op.create_index("ix_consents_patient", "consents", ["patient_id", "purpose", "id"])
    op.create_table(
        "photograph_checks",
        sa.Column("analysis_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(16), nullable=False),
        sa.Column("written", sa.Boolean(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        _of("photograph_checks", "analysis_id", "analyses"),
        sa.PrimaryKeyConstraint("analysis_id", name="pk_photograph_checks"),
    )
    op.create_table(
        "retention_notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=True),
        sa.Column("analysis_id", sa.Integer(), nullable=True),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erased_on", sa.Date(), nullable=False),
        _of("retention_notices", "patient_id", "patients"),
        _of("retention_notices", "analysis_id", "analyses"),
        sa.PrimaryKeyConstraint("id", name="pk_retention_notices"),
        sa.UniqueConstraint("patient_id", name="uq_retention_notices_patient_id"),
        sa.UniqueConstraint("analysis_id", name="uq_retention_notices_analysis_id"),
    )
    op.create_index("ix_retention_notices_day", "retention_notices", ["erased_on", "id"])
    op.create_table(
        "retention_holds",
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("author_name", sa.String(120), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        _of("retention_holds", "patient_id", "patients"),
        _of("retention_holds", "author_id", "users", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("patient_id", name="pk_retention_holds"),
    )


def downgrade() -> None:
    for table in ("retention_holds", "retention_notices", "photograph_checks", "consents", "former_keepings", "former_records", "erasures"):
        op.drop_table(table)


def _of(table: str, column: str, other: str, ondelete: str = "CASCADE") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}", ondelete=ondelete)
