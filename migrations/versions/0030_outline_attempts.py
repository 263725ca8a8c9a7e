"""Attempts at outlines: a photograph that stops the worker each time is not tried for ever.

Revision: 0030, after 0029
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outline_attempts",
        sa.Column("analysis_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(32), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["analysis_id"], ["analyses.id"], name="fk_outline_attempts_analysis_id_analyses", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("analysis_id", name="pk_outline_attempts"),
    )


def downgrade() -> None:
    op.drop_table("outline_attempts")
