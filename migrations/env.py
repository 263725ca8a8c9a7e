"""Run migrations on the database of the current application; Flask-Migrate and Alembic load this file."""

from __future__ import annotations

from typing import Any

from alembic import context
from flask import current_app

from app.clock import UtcDateTime
from app.extensions import db


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
        **current_app.extensions["migrate"].configure_args,
    }


def _write_sql() -> None:
    context.configure(dialect_name=db.engine.dialect.name, literal_binds=True, **_options())
    with context.begin_transaction():
        context.run_migrations()


def _change_database() -> None:
    with db.engine.connect() as connection:
        context.configure(connection=connection, **_options())
        with context.begin_transaction():
            context.run_migrations()
    db.engine.dispose()  # connections that a version opened know the tables as they were then


if context.is_offline_mode():
    _write_sql()
else:
    _change_database()
