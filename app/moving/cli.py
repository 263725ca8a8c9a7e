"""The command ``flask --app wsgi move``: take a site to another database, another storage, or both."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urlsplit

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade
from pydantic import ValidationError
from sqlalchemy import Connection, Engine, make_url, select
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from app.audit.events import OPERATE, Event
from app.audit.recording import record_now
from app.audit.tables import AuditEvent
from app.errors import AppError
from app.extensions import db
from app.keys import data_keys_of
from app.moving import files, rows, source, target
from app.moving.errors import MoveError
from app.moving.progress import Progress, spoken
from app.setting_kinds import sentence_of
from app.storage.addresses import storage_at
from app.storage.protocols import Kept
from config import Settings

BEGUN, DONE = "begun", "done"
Stores = tuple[Kept, Kept] | None
AFTERWARDS = (
    "The present site is as it was, and must not be started again: start one with the new addresses in "
    "LENTIGO_DATABASE_URL and LENTIGO_STORAGE_URL, and the same keys and instance folder."
)
NOTHING = "Say where to: --to-database, --to-storage, or both."


@click.command()
@click.option("--to-database", metavar="URL", help="As LENTIGO_DATABASE_URL of the new site, without the password.")
@click.option("--to-storage", metavar="URL", help="As LENTIGO_STORAGE_URL of the new site; LENTIGO_S3_... hold for it.")
@click.option("--password-stdin", is_flag=True, help="Read the new database's password from standard input.")
@click.option("--begin-again", is_flag=True, help="Remove what an earlier move of this site has left there before.")
@with_appcontext
def move(to_database: str | None, to_storage: str | None, *, password_stdin: bool, begin_again: bool) -> None:
    """Copy this site, which must be stopped, to an empty database and an empty storage.

    A move that was broken off goes on where it was. At the end all rows and files are read on both sides and compared.
    Nothing is removed here.
    """
    if to_database is None and to_storage is None:
        raise click.UsageError(NOTHING)
    present = cast(Settings, current_app.config["SETTINGS"])
    try:
        there = _settings(present, to_database, to_storage, sys.stdin.readline().strip() if password_stdin else None)
        _move(present, there, begin_again=begin_again)
    except ValidationError as error:
        raise click.ClickException("\n".join(sentence_of(problem) for problem in error.errors())) from None
    except AppError as error:
        raise click.ClickException(error.message) from error
    except (SQLAlchemyError, ArgumentError) as error:
        raise click.ClickException(f"A database can't be used ({type(error).__name__}). Nothing is lost.") from error


def _settings(present: Settings, database: str | None, storage: str | None, password: str | None) -> Settings:
    """Return the settings of the new site; MoveError, ValidationError."""
    said: dict[str, Any] = present.model_dump()
    if database is not None:
        url = make_url(database)
        url = url if password is None else url.set(password=password)
        said["database_url"] = url.render_as_string(hide_password=False)
    if storage is not None:
        said["storage_url"] = storage
    there = Settings(**said)
    if database is not None and there.database == present.database:
        raise MoveError("This is the present database.")
    if storage is not None and there.storage == present.storage:
        raise MoveError("This is the present storage.")
    return there


def _move(present: Settings, there: Settings, *, begin_again: bool) -> None:
    began = time.monotonic()
    other = cast(Callable[[Settings], Flask], current_app.extensions["another"])(there)
    with db.engine.connect() as connection:
        site, versions = source.identity(connection), source.version(connection)
    with other.app_context():
        engine = db.engine if there.database != present.database else None
    stores = _stores(present, there)
    if begin_again:
        _empty(site, engine, stores)
    _begin(site, versions, other, engine, stores)
    if not _is_recorded():  # by the run that was broken off: another event would be one that was not copied
        record_now(db.session(), _event(present, there, BEGUN))
    db.session.remove()
    with source.held(db.engine) as connection:
        _copy(connection, engine, stores)
    with other.app_context():
        data_keys_of(db.session()).forget()  # those that the migrations made there, which are gone
        record_now(db.session(), _event(present, there, DONE))
        db.engine.dispose()
    click.echo(f"Moved and compared in {spoken(time.monotonic() - began)}. {AFTERWARDS}")


def _stores(present: Settings, there: Settings) -> Stores:
    """Return the present storage and the new one; None if the files stay."""
    if there.storage == present.storage:
        return None
    return storage_at(present.storage, present), storage_at(there.storage, there)


def _begin(site: str, versions: set[str], other: Flask, engine: Engine | None, stores: Stores) -> None:
    """Mark database and storage as half-moved, unless they are; MoveError."""
    if engine is not None and not target.is_begun(engine, site):
        if not target.has_tables(engine):
            with other.app_context():
                upgrade()
        target.begin(engine, site, versions)
    if stores is not None:
        moved = engine is not None and target.files_are_moved(engine)
        files.begin_files(stores[1], site, moved=moved)


def _is_recorded() -> bool:
    """Tell whether the log ends a move with its beginning."""
    moves = select(AuditEvent.details).where(AuditEvent.operation == "move").order_by(AuditEvent.position.desc())
    return f'"{BEGUN}"' in (db.session.scalar(moves.limit(1)) or "")


def _copy(connection: Connection, engine: Engine | None, stores: Stores) -> None:
    """Copy what is not there yet, compare all of it, and take the marks away; MoveError."""
    progress = Progress(lambda line: click.echo(line, err=True))
    if stores is not None:
        click.echo(f"{files.copy_files(*stores, progress):,} files copied.")
    if engine is not None:
        click.echo(f"{rows.copy_rows(connection, engine, progress):,} rows copied.")
        progress.expect(None, "rows compared")
        for name, counted in rows.compared(connection, engine, progress):
            click.echo(f"{name:24} {counted.rows:>12,} rows  {counted.sha256[:16]}")
    if stores is not None:
        progress.expect(None, "files compared")
        count, digest = files.compare_files(*stores, progress)
        click.echo(f"{'files':24} {count:>12,} files {digest[:16]}")
        if engine is not None:
            target.note_files(engine)
        stores[1].delete(files.MARK)
    if engine is not None:
        target.finish(engine)


def _empty(site: str, engine: Engine | None, stores: Stores) -> None:
    """Remove what an earlier move of this site has left; MoveError if there is something else."""
    if engine is not None and target.is_begun(engine, site):
        target.empty(engine)
    if stores is not None:
        files.begin_files(stores[1], site)
        files.remove_files(stores[1])


def _event(present: Settings, there: Settings, state: str) -> Event:
    """Return what is recorded: between which engines, for an address may tell a password."""
    engines = {
        f"{what}_{where}": urlsplit(getattr(settings, what)).scheme.partition("+")[0]
        for what in ("database", "storage")
        for where, settings in (("from", present), ("to", there))
    }
    return Event(OPERATE, "move", channel="command", details={**engines, "state": state})
