"""Secrets by purpose, encrypted with the master key.

Revision: 0018, after 0017
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context, op

from app.keys import current_keyring, data_keys_of, new_data_key

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

PURPOSES = ("fields", "index", "audit")


def upgrade() -> None:
    table = op.create_table(
        "data_keys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("wrapped", sa.String(length=128), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_data_keys"),
        sa.UniqueConstraint("purpose", "number", name="uq_data_keys_purpose"),
    )
    op.bulk_insert(table, [new_data_key(current_keyring(), purpose, 1) for purpose in PURPOSES])


def downgrade() -> None:
    op.drop_table("data_keys")
    if not context.is_offline_mode():
        data_keys_of(op.get_bind()).forget()
