"""The commands ``flask --app wsgi keys ...``: look at the master keys, and change them while the site runs."""

from __future__ import annotations

import sys
import time
from collections import Counter
from typing import cast

import click
from flask import current_app
from flask.cli import AppGroup

from app.encrypted.rotation import rotate as rotate_field_key
from app.extensions import db
from app.keys import current_keyring, data_keys_of
from app.keys.keyring import READ_AGAIN_AFTER
from app.keys.sources import new_master_key, put_in_front, take_out
from app.storage.encryption import EncryptedStorage
from app.storage.sealing import SEALED, UNREADABLE, master_keys_of, seal_all
from config import Settings

BY_HAND = (
    "The master keys are in LENTIGO_MASTER_KEY, which no command can change: put a new one, a comma, and the present "
    "ones there, start the site anew, then run `keys seal`."
)

SETTLED_AFTER = 2 * READ_AGAIN_AFTER  # seconds

keys = AppGroup("keys", help="The master keys, under which everything is encrypted.")


@keys.command("list")
def show() -> None:
    """List the master keys by what they are called, the newest first, and how much is under each."""
    of_objects, of_secrets = master_keys_of(_storage()), _master_keys_of_secrets()
    known: list[str | None] = [*current_keyring().ids]
    for key_id in [*known, *(other for other in of_objects | of_secrets if other not in known)]:
        state = "in the clear" if key_id is None else "in use" if key_id == known[0] else "earlier"
        state = state if key_id in known or key_id is None else "MISSING"
        click.echo(f"{key_id or '-':10} {state:14} {of_objects[key_id]:9,} files {of_secrets[key_id]:3} data keys")


@keys.command()
def seal() -> None:
    """Encrypt everything under the newest master key; a second run goes on where the first was stopped."""
    data_keys = data_keys_of(db.session())
    changed = data_keys.wrap_again(db.session.connection())
    db.session.commit()
    data_keys.forget()
    counts = seal_all(_storage(), _tell)
    click.echo(f"{changed} data keys and {counts[SEALED]:,} files are encrypted under the newest master key now.")
    if counts[UNREADABLE]:
        click.echo(f"{counts[UNREADABLE]:,} files could not be read: the log names them.", err=True)
        sys.exit(1)


@keys.command()
@click.pass_context
def rotate(context: click.Context) -> None:
    """Make a new master key, and encrypt everything under it; the site may run meanwhile."""
    path = _settings().master_key_source
    if path is None:
        raise click.ClickException(BY_HAND)
    put_in_front(path, new_master_key())
    current_keyring().read_again()
    click.echo(f"The new master key is called {current_keyring().ids[0]}.")
    context.invoke(seal)


@keys.command("rotate-fields")
def rotate_fields() -> None:
    """Make a new key for names and notes in the database, and encrypt them under it; the site may run meanwhile."""
    count = rotate_field_key(db.engine, db.metadata)
    click.echo(f"{count:,} values are encrypted under the new field key.")


@keys.command()
@click.argument("key_id")
def retire(key_id: str) -> None:
    """Forget the earlier master key KEY_ID, unless something is encrypted under it."""
    path, known = _settings().master_key_source, current_keyring().ids
    if path is None:
        raise click.ClickException("Take the key out of LENTIGO_MASTER_KEY, once `keys list` shows nothing under it.")
    if key_id not in known:
        raise click.ClickException("There is no such master key: `keys list` shows what they are called.")
    if key_id == known[0]:
        raise click.ClickException("This is the master key in use.")
    if time.time() - path.stat().st_mtime < SETTLED_AFTER:
        raise click.ClickException(
            "The master keys were changed just now, and running processes may not know it: wait."
        )
    count = master_keys_of(_storage())[key_id] + _master_keys_of_secrets()[key_id]
    if count:
        raise click.ClickException(f"{count:,} files and data keys need this master key: run `keys seal` first.")
    take_out(path, key_id)
    click.echo("The master key is forgotten. Backups that are encrypted under it need a copy of it.")


def _master_keys_of_secrets() -> Counter[str | None]:
    return data_keys_of(db.session()).master_keys(db.session.connection())


def _storage() -> EncryptedStorage:
    return cast(EncryptedStorage, current_app.extensions["storage"])


def _settings() -> Settings:
    return cast(Settings, current_app.config["SETTINGS"])


def _tell(number: int) -> None:
    if number % 1000 == 0:
        click.echo(f"{number:,} files", err=True)
