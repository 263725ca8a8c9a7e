"""The command ``flask --app wsgi erasures``: keep the list of erasures elsewhere, and apply it after a restore."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TextIO

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import select

from app.erasures import again, ledger, services
from app.erasures.jobs import file_erasures
from app.erasures.records import Erased, UnreadableLineError
from app.erasures.selectors import MANY
from app.erasures.tables import Erasure
from app.extensions import db

erasures = AppGroup("erasures", help="What was erased, so that it is erased again after a backup was restored.")


@erasures.command()
@click.argument("file", type=click.File("w", encoding="ascii"))
def export(file: TextIO) -> None:
    """Write the list of all erasures into FILE, or to - for the terminal: random ids, and nothing of anybody."""
    rows = db.session.scalars(select(Erasure).order_by(Erasure.id).execution_options(yield_per=MANY))
    file.writelines(f"{Erased(row.kind, row.public_id, row.erased_at).line()}\n" for row in rows)


@erasures.command()
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Don't ask.")
def apply(file: Path | None, *, yes: bool) -> None:
    """Erase again what FILE lists, and what the file beside the database lists, as far as it is there.

    Do this whenever a backup has been restored, before anybody works with it. It may be done any number of times.
    """
    session, own = db.session(), ledger.path_of(current_app.config["SETTINGS"])
    try:
        listed = again.listed(session, own, [file] if file else [])
    except UnreadableLineError as error:
        raise click.ClickException(f"{error} Nothing was erased.") from error
    if not yes:
        click.confirm(f"{len(listed):,} erasures are listed. Erase what is still there of them?", abort=True)
    counts: Counter[str] = Counter()
    for one, was_there in services.erase_again(session, sorted(listed, key=lambda one: one.erased_at)):
        session.commit()  # each by itself: it may be broken off, and done again
        counts[one.kind] += was_there
    file_erasures()
    click.echo(again.told(counts))
