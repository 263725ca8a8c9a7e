"""Indexes that hold all that the history is searched by, and saved filters.

Revision: 0012, after 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

SEARCHED = (
    "created_at", "suspicion", "label", "accepted", "threshold", "body_site", "assessment", "diagnosis", "model_name",
    "patient_key", "patient_id", "lesion_id",
)
NOW = {
    "ix_analyses_owner_created": ("created_at",),
    "ix_analyses_owner_suspicion": ("suspicion",),
    "ix_analyses_owner_patient": ("patient_key",),
    "ix_analyses_owner_label": ("label", "suspicion"),
}
FORMER = {
    "ix_analyses_owner_created": ("created_at",),
    "ix_analyses_owner_suspicion": ("suspicion",),
    "ix_analyses_owner_patient": ("patient_key",),
    "ix_analyses_owner_label": ("label", "created_at"),
}
PARTIAL = {
    "ix_analyses_owner_diagnosis": (("diagnosis", "suspicion"), "diagnosis IS NOT NULL"),
    "ix_analyses_owner_nobody": (("patient_id", "patient_key"), "patient_id IS NULL"),
}
NOTED = "note IS NOT NULL"


def upgrade() -> None:
    for name, order in NOW.items():
        op.drop_index(name, table_name="analyses")
        op.create_index(name, "analyses", _wide(order))
    for name, (order, where) in PARTIAL.items():
        _create_partial(name, "analyses", _wide(order), where)
    _create_partial("ix_analyses_owner_noted", "analyses", ["owner_id", "created_at", "id"], NOTED)
    # made last: where SQLite finds two indexes equally good, it takes the newer one, and this is by far the smaller
    _create_partial("ix_analyses_unfiled", "analyses", ["owner_id", "created_at", "id"], "patient_id IS NULL")
    _create_partial("ix_verdicts_noted", "verdicts", ["author_id", "created_at", "analysis_id"], NOTED)
    op.create_table(
        "saved_filters",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(32), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name="fk_saved_filters_owner_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_saved_filters"),
        sa.UniqueConstraint("public_id", name="uq_saved_filters_public_id"),
        sa.UniqueConstraint("owner_id", "name", name="uq_saved_filters_owner_id"),
    )


def downgrade() -> None:
    op.drop_table("saved_filters")
    op.drop_index("ix_verdicts_noted", table_name="verdicts")
    for name in ("ix_analyses_unfiled", "ix_analyses_owner_noted", *PARTIAL):
        op.drop_index(name, table_name="analyses")
    for name, order in FORMER.items():
        op.drop_index(name, table_name="analyses")
        op.create_index(name, "analyses", ["owner_id", *order, "id"])


def _wide(order: tuple[str, ...]) -> list[str]:
    return ["owner_id", *order, "id", *(column for column in SEARCHED if column not in order)]


def _create_partial(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
