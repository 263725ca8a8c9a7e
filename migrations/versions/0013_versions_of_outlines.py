"""An index by which photographs without an outline of the present network are counted without reading outlines.

Revision: 0013, after 0012
"""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_outlines_version", "outlines", ["version", "analysis_id"])


def downgrade() -> None:
    op.drop_index("ix_outlines_version", table_name="outlines")
