"""Files are encrypted: those that were kept before, too.

Revision: 0020, after 0019
"""

from __future__ import annotations

from alembic import context

from app.storage import current_storage
from app.storage.sealing import UNREADABLE, seal_all

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Encrypt every file; stopped half-way, it goes on where it was. A script for the database does nothing here."""
    if not context.is_offline_mode() and seal_all(current_storage())[UNREADABLE]:
        raise SystemExit("Some files could not be encrypted: the log names them.")


def downgrade() -> None:
    if context.is_offline_mode():
        return
    storage = current_storage()
    for key in [key for key, _ in storage.keys()]:
        if storage.master_key_of(key) is not None:
            storage.unseal(key)
