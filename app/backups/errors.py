"""What is wrong with a backup, or with the place or the site that it is for: each a sentence for whoever runs it."""

from __future__ import annotations

from app.errors import AppError


class BackupError(AppError):
    """A backup can't be made, read or restored; the message says why, and what is left as it was."""

    status = 409
    title = "This can't be done with the backup"


class TamperedBackupError(BackupError):
    """Something in a backup is missing, cut off, or is not what Lentigo wrote."""
