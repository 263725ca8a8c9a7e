"""The extensions, unbound; `app.factory` binds them."""

from __future__ import annotations

import sqlite3
from typing import Any

from flask import Flask
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from sqlalchemy import MetaData, event
from sqlalchemy.engine import Engine
from sqlalchemy.orm import DeclarativeBase

import app.metrics.database
import app.tracing.database  # noqa: F401 - which traces statements

BUSY_MILLISECONDS = 10_000


class Base(DeclarativeBase):
    """Base of all tables; constraints have names, so that migrations can refer to them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base)
migrate = Migrate()
login_manager = LoginManager()
csrf = CSRFProtect()


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, _record: Any) -> None:
    if isinstance(connection, sqlite3.Connection):
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA secure_delete=ON")  # what is erased is not left in free pages
        cursor.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
        cursor.close()
        connection.create_function("lower", 1, _lower, deterministic=True)  # SQLite's own knows ASCII only


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def init_app(app: Flask) -> None:
    """Bind every extension to an application."""
    db.init_app(app)
    migrate.init_app(app, db, directory=str(app.config["SETTINGS"].migrations), render_as_batch=True)
    login_manager.init_app(app)
    csrf.init_app(app)
