"""What every machine would keep for itself where several should share it: told at the start, as nothing else does."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import structlog
from flask import Flask
from sqlalchemy import make_url

from app.setting_kinds import LOOPBACK

if TYPE_CHECKING:
    from config import Settings

OWN: dict[str, Callable[[Settings], object]] = {
    "LENTIGO_QUEUE_URL": lambda settings: settings.queue_url,
    "LENTIGO_STORAGE_URL": lambda settings: settings.storage_url,
    "LENTIGO_AUDIT_ANCHORS": lambda settings: settings.audit_anchors,
    "LENTIGO_ERASURES_FILE": lambda settings: settings.erasures_file,
}
HINT = "if the site runs on more than one machine, set these to what all of them reach; see docs/scaling.md"

log = structlog.get_logger(__name__)


def init_app(app: Flask) -> None:
    """Tell, in production, what a second machine with this database would have of its own."""
    settings = app.config["SETTINGS"]
    own = kept_apart(settings)
    if own and settings.environment == "production":
        log.warning("kept_on_this_machine", settings=own, hint=HINT)


def kept_apart(settings: Settings) -> list[str]:
    """Return the settings that are missing for several machines; none where the database is this machine's alone."""
    if not _is_elsewhere(settings.database):
        return []
    return [name for name, value_of in OWN.items() if value_of(settings) is None]


def _is_elsewhere(database: str) -> bool:
    """Tell a database that other machines can reach too."""
    host = make_url(database).host
    return host is not None and host not in LOOPBACK
