"""DICOM: tests as files for image archives and viewers, and sent to an archive."""

from __future__ import annotations

from flask import Flask

from app.interop.deliveries import destinations
from app.interop.dicom import cli, views
from app.interop.dicom.archive import Archive
from app.interop.dicom.sending import ImageArchive
from app.interop.dicom.shown import archive_nature


def init_app(app: Flask) -> None:
    """Register pages and command, and the archive if one is configured."""
    app.add_template_filter(archive_nature)
    app.register_blueprint(views.blueprint)
    app.cli.add_command(cli.pacs_check)
    settings = app.config["SETTINGS"]
    archive = Archive.of(settings)
    if archive is not None:
        destinations.register(app, ImageArchive(archive, settings))
