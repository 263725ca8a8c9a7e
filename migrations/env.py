"""Run migrations on the database of the current application; Flask-Migrate and Alembic load this file."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import context
from flask import current_app

from app import migrating
from app.clock import UtcDateTime
from app.extensions import db
from app.migrating import alone, patiently

FIRST = "0029"  # whose code works with everything that was only added since


def _written_type(kind: str, item: Any, _autogen: Any) -> str | bool:
    """Write our column types as what the database sees: old versions must not depend on today's code."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


def _drop_empty(_context: Any, _revision: Any, directives: list[Any]) -> None:
    """Make no new version where nothing has changed."""
    command = context.config.cmd_opts
    if getattr(command, "autogenerate", False) and directives[0].upgrade_ops.is_empty():
        directives.clear()


def _options() -> dict[str, Any]:
    return {
        "target_metadata": db.metadata,
        "process_revision_directives": _drop_empty,
        "render_item": _written_type,
        "on_version_apply": [_write_compatibility],
        **current_app.extensions["migrate"].configure_args,
    }


def _write_sql() -> None:
    context.configure(dialect_name=db.engine.dialect.name, literal_binds=True, **_options())
    with context.begin_transaction():
        context.run_migrations()


def _change_database() -> None:
    with alone(db.engine):
        patiently(_run)
    db.engine.dispose()  # connections that a version opened know the tables as they were then


def _run() -> None:
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SET lock_timeout = '{migrating.LOCK_SECONDS}s'")
            connection.commit()
        # each by itself: what is done stays done, and no table is locked until the last of them ends
        context.configure(connection=connection, transaction_per_migration=True, **_options())
        with context.begin_transaction():
            context.run_migrations()


def _write_compatibility(*, ctx: Any, step: Any, **_: Any) -> None:
    """Write with how old a code the tables work after a migration that takes something away, or brings it back."""
    if not hasattr(step.up_revision.module, "contract"):
        return
    last = step.up_revision.revision if step.is_upgrade else max(step.down_revision_ids)
    earlier = (each for each in step.revision_map.iterate_revisions(last, "base"))
    oldest = max((each.module.contract for each in earlier if hasattr(each.module, "contract")), default=FIRST)
    ctx.impl.execute(sa.text(f"UPDATE compatibility SET oldest = '{oldest}'"))  # noqa: S608 - a revision of ours


if context.is_offline_mode():
    _write_sql()
else:
    _change_database()
