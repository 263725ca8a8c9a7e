"""What the demonstration made, so that it can be removed again.

Revision: 0014, after 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "demo_records",
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("key", sa.String(254), nullable=False),
        sa.PrimaryKeyConstraint("kind", "key", name="pk_demo_records"),
    )


def downgrade() -> None:
    op.drop_table("demo_records")
