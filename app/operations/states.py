"""What is asked for at each look: the disk, the queue, how the audit log was found, the last backup."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

from flask import current_app

from app.audit import anchors, state
from app.backups.selectors import last_good_backup
from app.extensions import db
from app.jobs import current_queue
from app.metrics import asked
from app.metrics.asked import Answer
from config import Settings


def name_all() -> None:
    """Say what can be asked for."""
    asked("disk_free_bytes", "Room on the disk of the instance folder.", (), _disk_free)
    asked("disk_size_bytes", "Size of that disk.", (), _disk_size)
    asked("queue_jobs", "Jobs that wait.", (), _queue)
    asked("audit_verified_timestamp_seconds", "When the audit log was verified last.", (), _verified)
    asked("audit_breaks", "What was wrong with the audit log then.", (), _breaks)
    asked("audit_anchored_timestamp_seconds", "When the end of the audit log was anchored last.", (), _anchored)
    asked("backup_timestamp_seconds", "Of when the last backup is that lacks nothing.", (), _backed_up)


def _disk_free() -> Answer:
    yield (), shutil.disk_usage(_settings().instance).free


def _disk_size() -> Answer:
    yield (), shutil.disk_usage(_settings().instance).total


def _queue() -> Answer:
    yield (), current_queue().waiting()


def _verified() -> Iterator[tuple[tuple[()], float]]:
    if (found := state.last_state(state.file_of(_settings()))) is not None:
        yield (), found.at.timestamp()


def _breaks() -> Iterator[tuple[tuple[()], float]]:
    if (found := state.last_state(state.file_of(_settings()))) is not None:
        yield (), len(found.breaks)


def _anchored() -> Iterator[tuple[tuple[()], float]]:
    path = anchors.file_of(_settings())
    if path.exists():
        yield (), path.stat().st_mtime


def _backed_up() -> Iterator[tuple[tuple[()], float]]:
    if (moment := last_good_backup(db.session())) is not None:
        yield (), moment.timestamp()


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
