"""With how old a code the tables work, for servers of two versions that share them.

Revision: 0033, after 0032
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    table = op.create_table(
        "compatibility",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("oldest", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_compatibility"),
        sa.CheckConstraint("id = 1", name="ck_compatibility_only_one"),
    )
    op.bulk_insert(table, [{"id": 1, "oldest": "0029"}])


def downgrade() -> None:
    op.drop_table("compatibility")
