"""Stability and similar cases of an analysis: what was answered before has neither.

Revision: 0002, after 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("analyses", sa.Column("views", sa.Integer(), server_default="0", nullable=False))
    op.add_column("analyses", sa.Column("views_changed", sa.Integer(), server_default="0", nullable=False))
    op.add_column("analyses", sa.Column("similar", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("analyses", "similar")
    op.drop_column("analyses", "views_changed")
    op.drop_column("analyses", "views")
