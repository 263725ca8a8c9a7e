"""What waits for the clinician: follow-ups, photographs to be taken again, and indexes that find these at once.

Revision: 0011, after 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# as reasons are written, an empty list is exactly this
POOR = "UPDATE analyses SET retake = 'due' WHERE NOT accepted OR CAST(reasons AS TEXT) <> '[]'"
FOLLOWED = """
    UPDATE analyses SET retake = 'taken' WHERE retake = 'due' AND EXISTS (
        SELECT 1 FROM analyses AS newer
        WHERE newer.patient_id = analyses.patient_id AND newer.accepted
        AND (newer.created_at > analyses.created_at
             OR (newer.created_at = analyses.created_at AND newer.id > analyses.id))
        AND (newer.lesion_id = analyses.lesion_id
             OR (analyses.lesion_id IS NULL AND COALESCE(newer.body_site, '') = COALESCE(analyses.body_site, '')))
    )
"""


def upgrade() -> None:
    op.create_table(
        "follow_ups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(32), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("lesion_id", sa.Integer(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name="fk_follow_ups_owner_id_users", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["lesion_id"], ["lesions.id"], name="fk_follow_ups_lesion_id_lesions", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_follow_ups"),
        sa.UniqueConstraint("public_id", name="uq_follow_ups_public_id"),
    )
    open_ones = sa.column("done_at").is_(None)
    op.create_index("ix_follow_ups_lesion", "follow_ups", ["lesion_id", "id"])
    _create_partial("ix_follow_ups_open", "follow_ups", ["lesion_id"], open_ones, unique=True)
    _create_partial("ix_follow_ups_due", "follow_ups", ["owner_id", "due", "id"], open_ones)

    op.add_column("analyses", sa.Column("retake", sa.String(16), nullable=True))
    op.execute(sa.text(POOR))
    op.execute(sa.text(FOLLOWED))
    without_verdict = sa.and_(sa.column("assessment").is_(None), sa.column("diagnosis").is_(None))
    for name, order, condition in (
        ("alerted", "suspicion", sa.and_(sa.column("suspicion") >= sa.column("threshold"), without_verdict)),
        ("unassessed", "created_at", sa.and_(sa.column("accepted").is_(True), without_verdict)),
        ("to_retake", "created_at", sa.column("retake") == sa.literal_column("'due'")),
    ):
        _create_partial(f"ix_analyses_{name}", "analyses", ["owner_id", order, "id"], condition)


def downgrade() -> None:
    for name in ("to_retake", "unassessed", "alerted"):
        op.drop_index(f"ix_analyses_{name}", table_name="analyses")
    op.drop_column("analyses", "retake")
    op.drop_table("follow_ups")


def _create_partial(
    name: str, table: str, columns: list[str], condition: sa.ColumnElement[bool], *, unique: bool = False
) -> None:
    # the condition as SQLAlchemy writes it: a query is served only if it has the same, word for word
    op.create_index(name, table, columns, unique=unique, sqlite_where=condition, postgresql_where=condition)
