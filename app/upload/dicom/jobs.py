"""Erase pixels that were kept for a form which nobody has sent within the hour, and those of forms that were."""

from __future__ import annotations

from app.clock import now
from app.jobs import periodic
from app.storage import current_storage
from app.upload.dicom.kept import FOLDER, KEPT_FOR


@periodic(minutes=10)
def sweep_uploads() -> None:
    """Remove what is older than forms are taken for."""
    storage = current_storage()
    storage.delete_all([key for key, written in storage.keys(FOLDER) if written < now() - KEPT_FOR])
