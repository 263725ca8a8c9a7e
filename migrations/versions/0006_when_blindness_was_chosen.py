"""Since when a person looks blind first, and on which day a diagnosis was found.

Revision: 0006, after 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("blind_since", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE users SET blind_since = CURRENT_TIMESTAMP WHERE blind")
    op.drop_column("users", "blind")
    op.add_column("verdicts", sa.Column("found_on", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("verdicts", "found_on")
    op.add_column("users", sa.Column("blind", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.execute("UPDATE users SET blind = (blind_since IS NOT NULL)")
    op.drop_column("users", "blind_since")
