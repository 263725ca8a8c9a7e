"""Sign-ins as rows in place of one token a person, and accounts that are disabled.

Revision: 0019, after 0018
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

RANDOM = {"sqlite": "lower(hex(randomblob(32)))", "postgresql": "md5(random()::text) || md5(random()::text)"}


def upgrade() -> None:
    op.create_table(
        "sign_ins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(32), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("how", sa.String(40), nullable=False),
        sa.Column("browser", sa.String(60), nullable=False),
        sa.Column("address", sa.String(45), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_sign_ins_user_id_users", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_sign_ins"),
        sa.UniqueConstraint("public_id", name="uq_sign_ins_public_id"),
        sa.UniqueConstraint("digest", name="uq_sign_ins_digest"),
    )
    op.create_index("ix_sign_ins_user", "sign_ins", ["user_id", "id"])
    op.create_index("ix_sign_ins_ends_at", "sign_ins", ["ends_at"])
    op.add_column("users", sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True))
    with _copied_on_sqlite(), op.batch_alter_table("users", copy_from=_users(nullable=False, unique=True)) as users:
        users.drop_constraint("uq_users_session_token", type_="unique")
        users.drop_column("session_token")


def downgrade() -> None:
    op.add_column("users", sa.Column("session_token", sa.String(64), nullable=True))
    op.execute(f"UPDATE users SET session_token = {RANDOM[op.get_context().dialect.name]}")
    with _copied_on_sqlite(), op.batch_alter_table("users", copy_from=_users(nullable=True, unique=False)) as users:
        users.alter_column("session_token", existing_type=sa.String(64), nullable=False)
        users.create_unique_constraint("uq_users_session_token", ["session_token"])
    op.drop_column("users", "disabled_at")
    op.drop_table("sign_ins")


def _users(*, nullable: bool, unique: bool) -> sa.Table:
    """Return the table as it is while it is changed, so that the change can be written as SQL too."""
    rules = [sa.UniqueConstraint("email", name="uq_users_email")]
    if unique:
        rules.append(sa.UniqueConstraint("session_token", name="uq_users_session_token"))
    return sa.Table(
        "users",
        sa.MetaData(),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("password_hash", sa.String(255), nullable=False),
        sa.Column("session_token", sa.String(64), nullable=nullable),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("blind_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        *rules,
    )


@contextmanager
def _copied_on_sqlite() -> Iterator[None]:
    """Let a table be copied where SQLite can change it in no other way, without erasing what refers to its rows."""
    if op.get_context().dialect.name != "sqlite":
        yield
        return
    with op.get_context().autocommit_block():  # inside a transaction the switch would do nothing
        op.execute("PRAGMA foreign_keys=OFF")
        try:
            yield
        finally:
            op.execute("PRAGMA foreign_keys=ON")
