"""A second reading with the patient's facts, and what the history ranks by: no answer comes last.

Revision: 0003, after 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("analyses", sa.Column("probabilities_with_patient", sa.JSON(), nullable=True))
    op.add_column("analyses", sa.Column("suspicion", sa.Double(), server_default="-1.0", nullable=False))
    op.execute(sa.text("UPDATE analyses SET suspicion = malignancy WHERE accepted"))
    op.drop_index("ix_analyses_owner_malignancy", table_name="analyses")
    op.create_index("ix_analyses_owner_suspicion", "analyses", ["owner_id", "suspicion", "id"])


def downgrade() -> None:
    op.drop_index("ix_analyses_owner_suspicion", table_name="analyses")
    op.create_index("ix_analyses_owner_malignancy", "analyses", ["owner_id", "malignancy", "id"])
    op.drop_column("analyses", "suspicion")
    op.drop_column("analyses", "probabilities_with_patient")
