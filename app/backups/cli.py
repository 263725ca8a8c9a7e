"""The commands ``flask --app wsgi backup ...`` and ``restore``: a copy of the site elsewhere, and back from there."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import ParamSpec, cast

import click
import structlog
from flask import current_app
from flask.cli import AppGroup, with_appcontext

from app.audit import Event, note
from app.audit.events import EXPORT, OPERATE
from app.backups import making, manifest, pruning, restoring, verifying
from app.backups.errors import BackupError
from app.backups.making import Made, Site
from app.backups.manifest import Backup, Manifest
from app.backups.places import begun_place, place_at
from app.backups.pruning import Keep
from app.backups.tables import BackupMade
from app.erasures.records import UnreadableLineError
from app.errors import AppError
from app.extensions import db
from app.keys import current_keyring
from app.storage import current_storage
from config import Settings

KEYLESS = (
    "The master key is NOT in the backup. Without it nobody can read the backup, and neither can you: keep the key "
    "elsewhere, where the backup is not."
)
THEN_AS_THEY_WERE = (
    "Passwords, second factors, disabled accounts and revoked access tokens are as they were on {0:%Y-%m-%d %H:%M} "
    "UTC: look at what has changed since."
)
REPLACE = "replace"
EVERY = 1_000  # objects of which something is said

P = ParamSpec("P")
log = structlog.get_logger(__name__)


class _MakesUnlessToldOtherwise(AppGroup):
    """Takes ``backup TARGET`` for ``backup make TARGET``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            args = ["make", *args]
        return super().parse_args(ctx, args)


backup = _MakesUnlessToldOtherwise("backup", help="Copies of the whole site, without the master key.")


def _in_sentences(run: Callable[P, None]) -> Callable[P, None]:
    """Let what goes wrong be told as a sentence."""

    @wraps(run)
    def told(*args: P.args, **options: P.kwargs) -> None:
        try:
            run(*args, **options)
        except AppError as error:
            raise click.ClickException(error.message) from error
        except UnreadableLineError as error:
            raise click.ClickException(f"The list of erasures can't be used. {error}") from error
        except OSError as error:
            raise click.ClickException(f"{error.filename or 'The backup'}: {error.strerror or error}.") from error

    return told


@backup.command()
@click.argument("target")
@_in_sentences
def make(target: str) -> None:
    """Back the site up into TARGET, a folder that all backups share; the site may run meanwhile."""
    made = making.make(_site(), begun_place(target, _settings()), _counting("objects"))
    _record(made)
    listed = made.manifest.objects
    rows = sum(table.stream.lines for table in made.manifest.tables.values())
    click.echo(
        f"Backup {made.manifest.id}: {rows:,} rows and {listed.stream.lines:,} objects as of {_at(made.manifest)}."
    )
    click.echo(f"{made.copied:,} objects of {made.copied_bytes / 1e6:,.1f} MB were not there yet.")
    if listed.gone:
        click.echo(f"{listed.gone:,} objects were erased meanwhile.")
    click.echo(KEYLESS)
    if listed.missing:
        log.error("backup_lacks_objects", backup=made.manifest.id, missing=listed.missing)
        raise BackupError(
            f"{listed.missing:,} objects that rows name could not be read from storage, so that this backup lacks "
            "them; the log names those that are damaged. Earlier backups may have them: don't remove any."
        )


@backup.command("list")
@click.argument("target")
@_in_sentences
def show(target: str) -> None:
    """List the whole backups in TARGET."""
    for found in manifest.all_in(place_at(target, _settings()), current_keyring()):
        of = found.manifest
        lacking = "" if of.whole else f", {of.objects.missing:,} lost"
        click.echo(f"{of.id}  {of.engine:10}  revision {of.revision}  {of.objects.stream.lines:,} objects{lacking}")


@backup.command()
@click.argument("target")
@click.option("--backup", "backup_id", help="Which one; otherwise the newest.")
@click.option("--sample", type=click.IntRange(min=1), help="Open so many of the objects, by chance; otherwise all.")
@_in_sentences
def verify(target: str, backup_id: str | None, sample: int | None) -> None:
    """Read a whole backup in TARGET and open its objects; the exit status is 1 if anything is wrong."""
    found = manifest.opened(place_at(target, _settings()), current_keyring(), backup_id)
    click.echo(f"Backup {found.manifest.id}, as of {_at(found.manifest)}.")
    wrong = list(verifying.verify(current_storage(), found, sample=sample, tell=_counting("objects")))
    for sentence in wrong:
        click.echo(sentence)
    click.echo(
        "The backup is damaged." if wrong else "The backup is whole, and opens with the master key of this site."
    )
    sys.exit(1 if wrong else 0)


@backup.command()
@click.argument("target")
@click.option("--keep-last", default=0, type=click.IntRange(min=0), help="Keep the newest so many.")
@click.option("--keep-daily", default=0, type=click.IntRange(min=0), help="Keep the newest of so many days.")
@click.option("--keep-weekly", default=0, type=click.IntRange(min=0), help="Keep the newest of so many weeks.")
@click.option("--keep-monthly", default=0, type=click.IntRange(min=0), help="Keep the newest of so many months.")
@_in_sentences
def prune(target: str, keep_last: int, keep_daily: int, keep_weekly: int, keep_monthly: int) -> None:
    """Remove backups in TARGET that are not to be kept, and what only they had; say at least one --keep."""
    keep = Keep(keep_last, keep_daily, keep_weekly, keep_monthly)
    if keep == Keep():
        raise click.UsageError("Say what to keep, such as --keep-daily 7 --keep-weekly 4.")
    pruned = pruning.prune(place_at(target, _settings()), current_keyring(), keep)
    details = {"removed": list(pruned.backups)}
    note(db.session, Event(OPERATE, "backup prune", channel="command", details=details))
    db.session.commit()
    click.echo(f"{len(pruned.backups)} backups and {pruned.objects:,} objects were removed.")
    if pruned.unfinished:
        click.echo(f"{pruned.unfinished} that were never finished were removed, too.")


@click.command()
@click.argument("source")
@click.option("--backup", "backup_id", help="Which one; otherwise the newest.")
@click.option("--replace", is_flag=True, help="Erase what is here, after you have typed that you want it.")
@click.option(
    "--erasures",
    "lists",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A list of erasures that was kept elsewhere; may be said more than once.",
)
@with_appcontext
@_in_sentences
def restore(source: str, backup_id: str | None, lists: tuple[Path, ...], *, replace: bool) -> None:
    """Restore a backup in SOURCE to this site, which must be empty and stopped. Killed, it goes on if run again."""
    site, found = _site(), manifest.opened(place_at(source, _settings()), current_keyring(), backup_id)
    if not _goes_on(site, found, replace=replace):
        _hold_sound(found)
        count = restoring.put_back(site, found, _counting("objects"))
        rows = sum(table.stream.lines for table in found.manifest.tables.values())
        click.echo(f"{rows:,} rows and {count:,} objects are back, as of {_at(found.manifest)}; each was compared.")
    for sentence in restoring.finish(site, db.session(), found, lists):
        db.session.commit()
        if sentence:
            click.echo(sentence)
    click.echo(THEN_AS_THEY_WERE.format(found.manifest.taken_at))
    click.echo("The site is restored.")


def _goes_on(site: Site, backup: Backup, *, replace: bool) -> bool:
    """Tell whether the rows of this backup are here already; BackupError if somebody else's are, not to be replaced."""
    here = restoring.found_here(site.engine)
    if here.restoring == backup.manifest.id:
        click.echo("This backup was restored half-way; going on.")
        return True
    if here.rows and not replace:
        raise BackupError("This site is not empty. Restore into an empty one, or say --replace. Nothing was changed.")
    if here.rows:
        held = ", ".join(f"{here.rows.get(name, 0):,} {name}" for name in ("users", "patients", "analyses"))
        click.echo(f"This erases what is here ({held}) and puts the backup of {_at(backup.manifest)} in its place.")
        if click.prompt(f"Type “{REPLACE}” to go on", default="", show_default=False) != REPLACE:
            raise BackupError("Nothing was changed.")
    return False


def _hold_sound(backup: Backup) -> None:
    """Read every line of a backup before anything is changed; objects are held against it one by one."""
    for sentence in verifying.verify_lines(backup):
        raise BackupError(f"{sentence} Nothing was changed.")


def _record(made: Made) -> None:
    of = made.manifest
    details = {"backup": of.id, "objects": of.objects.stream.lines, "missing": of.objects.missing}
    db.session.add(
        BackupMade(
            public_id=of.id,
            taken_at=of.taken_at,
            finished_at=of.finished_at,
            objects=of.objects.stream.lines,
            missing=of.objects.missing,
            copied_bytes=made.copied_bytes,
        )
    )
    note(db.session, Event(EXPORT, "backup make", channel="command", details=details))
    db.session.commit()


def _site() -> Site:
    return Site(db.engine, current_storage(), current_keyring(), _settings())


def _settings() -> Settings:
    return cast(Settings, current_app.config["SETTINGS"])


def _at(of: Manifest) -> str:
    return f"{of.taken_at:%Y-%m-%d %H:%M:%S} UTC"


def _counting(what: str) -> Callable[[], None]:
    """Return a function that says now and then how often it was called."""
    count = 0

    def tell() -> None:
        nonlocal count
        count += 1
        if count % EVERY == 0:
            click.echo(f"{count:,} {what}", err=True)

    return tell
