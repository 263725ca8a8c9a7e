"""The command ``flask --app wsgi pacs-check``: ask the image archive whether it is there."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import with_appcontext

from app.errors import AppError
from app.interop.dicom.archive import Archive


@click.command("pacs-check")
@with_appcontext
def pacs_check() -> None:
    """Ask the image archive that is configured whether it is there (C-ECHO)."""
    from app.interop.dicom.association import verify  # noqa: PLC0415 - pynetdicom is not needed at the start

    archive = Archive.of(current_app.config["SETTINGS"])
    if archive is None:
        raise click.ClickException("No archive is configured: set LENTIGO_PACS_HOST.")
    where = f"{archive.called} at {archive.host}, port {archive.port}"
    try:
        verify(archive)
    except AppError as error:
        raise click.ClickException(f"{error.message} ({where})") from error
    click.echo(f"{where} is there, and lets {archive.calling} in.")
