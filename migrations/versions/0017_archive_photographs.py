"""What clinicians say of photographs that archives want to know.

Revision: 0017, after 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "archive_photographs",
        sa.Column("analysis_id", sa.Integer(), nullable=False),
        sa.Column("dermoscopic", sa.Boolean(), nullable=False),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["analysis_id"],
            ["analyses.id"],
            name="fk_archive_photographs_analysis_id_analyses",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("analysis_id", name="pk_archive_photographs"),
    )


def downgrade() -> None:
    op.drop_table("archive_photographs")
