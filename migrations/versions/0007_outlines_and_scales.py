"""Outlines of lesions with what is measured of them, and the scales that users draw.

Revision: 0007, after 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outlines",
        sa.Column("analysis_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.String(32), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("polygon", sa.JSON(), nullable=False),
        sa.Column("refused", sa.String(16), nullable=True),
        sa.Column("area", sa.Double(), nullable=True),
        sa.Column("diameter", sa.Double(), nullable=True),
        sa.Column("asymmetry", sa.Double(), nullable=True),
        sa.Column("irregularity", sa.Double(), nullable=True),
        sa.Column("notching", sa.Double(), nullable=True),
        sa.Column("colour_spread", sa.Double(), nullable=True),
        sa.Column("colours", sa.JSON(), nullable=True),
        sa.Column("hair", sa.Double(), nullable=True),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["analysis_id"], ["analyses.id"], name="fk_outlines_analysis_id_analyses", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("analysis_id", name="pk_outlines"),
    )
    op.create_table(
        "scales",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("analysis_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("author_name", sa.String(120), nullable=False),
        sa.Column("start_x", sa.Double(), nullable=True),
        sa.Column("start_y", sa.Double(), nullable=True),
        sa.Column("end_x", sa.Double(), nullable=True),
        sa.Column("end_y", sa.Double(), nullable=True),
        sa.Column("millimetres", sa.Double(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["analysis_id"], ["analyses.id"], name="fk_scales_analysis_id_analyses", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name="fk_scales_author_id_users", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_scales"),
    )
    op.create_index("ix_scales_analysis", "scales", ["analysis_id", "id"])


def downgrade() -> None:
    op.drop_table("scales")
    op.drop_table("outlines")
