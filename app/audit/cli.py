"""The commands ``flask --app wsgi audit ...``: verify the log, take it elsewhere, remove its oldest events."""

from __future__ import annotations

import json
import sys
from datetime import timedelta

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import select

from app.audit import anchors
from app.audit.jobs import anchor as write_anchor
from app.audit.jobs import verified
from app.audit.restoring import NotRestorableError, acknowledge, set_aside
from app.audit.retention import prune as prune_events
from app.audit.tables import AuditEvent
from app.audit.verification import COLUMNS, READ_AT_ONCE
from app.clock import now
from app.extensions import db

audit = AppGroup("audit", help="The audit log.")


@audit.command()
def verify() -> None:
    """Verify every event; the exit status is 1 if the log was tampered with."""
    finding = verified()
    click.echo(f"{finding.events:,} events, up to number {finding.position:,}: {finding.hash}")
    click.echo(f"Anchored outside the database up to number {finding.anchored:,}.")
    for sentence in finding.breaks:
        click.echo(sentence)
    click.echo("The log is sound." if finding.sound else "The log was tampered with.")
    sys.exit(0 if finding.sound else 1)


@audit.command()
def anchor() -> None:
    """Write down outside the database where the log ends now, as the worker does every five minutes."""
    write_anchor()


@audit.command()
def restored() -> None:
    """Go on with the log of a backup that you have restored: records how far the log had gone before."""
    path = anchors.file_of(current_app.config["SETTINGS"])
    try:
        before = acknowledge(db.session(), path)
    except NotRestorableError as error:
        raise click.ClickException(error.message) from error
    db.session.commit()
    kept = set_aside(path)
    write_anchor()
    click.echo(f"The log had gone on to number {before:,}; what the backup lacks of it is lost. That is recorded.")
    click.echo(f"The anchors of before are in {kept}: keep them.")


@audit.command()
def export() -> None:
    """Write all events to standard output, a line of JSON each, with the hashes by which they can be verified."""
    names = [column.key for column in COLUMNS]
    rows = db.session.execute(select(*COLUMNS).order_by(AuditEvent.position).execution_options(yield_per=READ_AT_ONCE))
    for row in rows:
        event = dict(zip(names, row, strict=True))
        click.echo(json.dumps(event | {"at": event["at"].isoformat(timespec="microseconds")}))


@audit.command()
@click.option("--days", type=click.IntRange(min=1), help="Keep the events of so many days; otherwise as set.")
def prune(days: int | None) -> None:
    """Remove the events that are older than LENTIGO_AUDIT_KEEP_DAYS; the log is verified before."""
    finding = verified()
    if not finding.sound:
        raise click.ClickException("The log was tampered with: see “audit verify”. Nothing was removed.")
    kept = current_app.config["SETTINGS"].audit_keep_days if days is None else days
    removed = prune_events(db.session(), before=now() - timedelta(days=kept))
    db.session.commit()
    click.echo(f"{removed:,} events were removed.")
