"""Authenticator apps, passkeys, recovery codes, and sign-ins that wait for their second step.

Revision: 0022, after 0021
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context, op

from app.keys import current_keyring, data_keys_of, new_data_key

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

PURPOSE = "factors"
KEYS = sa.table(
    "data_keys",
    sa.column("purpose", sa.String),
    sa.column("number", sa.Integer),
    sa.column("wrapped", sa.String),
    sa.column("made_at", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    op.bulk_insert(KEYS, [new_data_key(current_keyring(), PURPOSE, 1)])
    op.create_table(
        "authenticator_apps",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("candidate", sa.LargeBinary(), nullable=True),
        sa.Column("candidate_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        _of_account("authenticator_apps"),
        sa.PrimaryKeyConstraint("user_id", name="pk_authenticator_apps"),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        _of_account("recovery_codes"),
        sa.PrimaryKeyConstraint("id", name="pk_recovery_codes"),
        sa.UniqueConstraint("user_id", "digest", name="uq_recovery_codes_user_id"),
    )
    op.create_table(
        "pending_sign_ins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        _of_account("pending_sign_ins"),
        sa.PrimaryKeyConstraint("id", name="pk_pending_sign_ins"),
        sa.UniqueConstraint("digest", name="uq_pending_sign_ins_digest"),
    )
    op.create_index("ix_pending_sign_ins_user_id", "pending_sign_ins", ["user_id"])
    op.create_index("ix_pending_sign_ins_at", "pending_sign_ins", ["at"])
    op.create_table(
        "passkeys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("credential", sa.LargeBinary(length=1023), nullable=False),
        sa.Column("handle", sa.LargeBinary(length=64), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("doubted_at", sa.DateTime(timezone=True), nullable=True),
        _of_account("passkeys"),
        sa.PrimaryKeyConstraint("id", name="pk_passkeys"),
        sa.UniqueConstraint("public_id", name="uq_passkeys_public_id"),
        sa.UniqueConstraint("credential", name="uq_passkeys_credential"),
    )
    op.create_index("ix_passkeys_user_id", "passkeys", ["user_id"])
    op.create_table(
        "spent_challenges",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_spent_challenges"),
    )
    op.create_index("ix_spent_challenges_until", "spent_challenges", ["until"])


def downgrade() -> None:
    for table in ("spent_challenges", "passkeys", "pending_sign_ins", "recovery_codes", "authenticator_apps"):
        op.drop_table(table)
    op.execute(KEYS.delete().where(KEYS.c.purpose == PURPOSE))
    if not context.is_offline_mode():
        data_keys_of(op.get_bind()).forget()


def _of_account(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["user_id"], ["users.id"], name=f"fk_{table}_user_id_users", ondelete="CASCADE"
    )
