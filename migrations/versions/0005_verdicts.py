"""Verdicts, those in force on the analyses, the threshold of the alert, and who looks blind first.

Revision: 0005, after 0004
"""

from __future__ import annotations

import json
from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

WEIGHTS = Path(__file__).parents[2] / "models" / "weights"
KNOWN = "UPDATE analyses SET threshold = :threshold WHERE model_name = :name AND model_version = :version"


def upgrade() -> None:
    op.create_table(
        "verdicts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("analysis_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("author_name", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("label", sa.String(16), nullable=True),
        sa.Column("basis", sa.String(16), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("blind", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["analysis_id"], ["analyses.id"], name="fk_verdicts_analysis_id_analyses", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["users.id"], name="fk_verdicts_author_id_users", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_verdicts"),
    )
    op.create_index("ix_verdicts_analysis", "verdicts", ["analysis_id", "id"])
    op.add_column("users", sa.Column("blind", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("analyses", sa.Column("threshold", sa.Double(), nullable=True))
    op.add_column("analyses", sa.Column("assessment", sa.String(16), nullable=True))
    op.add_column("analyses", sa.Column("diagnosis", sa.String(16), nullable=True))
    for card in WEIGHTS.glob("*/card.json"):
        _fill_in(json.loads(card.read_text()))


def downgrade() -> None:
    for table, column in (
        ("analyses", "diagnosis"), ("analyses", "assessment"), ("analyses", "threshold"), ("users", "blind"),
    ):
        op.drop_column(table, column)
    op.drop_table("verdicts")


def _fill_in(card: dict) -> None:
    # analyses by classifiers that are not installed any more keep none: what they alerted from is not known here
    threshold = card.get("operating_points", {}).get("sensitivity_95")
    if threshold is not None:
        values = {"threshold": threshold, "name": card["name"], "version": card["version"]}
        op.execute(sa.text(KNOWN).bindparams(**values))
