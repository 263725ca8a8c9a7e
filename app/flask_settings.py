"""The settings under the names that Flask and its extensions expect."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from app.setting_kinds import MEGABYTE

if TYPE_CHECKING:
    from config import Settings

# libpq's: seconds to connect, and after which a server that has vanished from the network is given up; milliseconds
GIVING_UP = {
    "connect_timeout": 5,
    "keepalives_idle": 20,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}


def for_flask(settings: Settings) -> dict[str, Any]:
    """Return the configuration of an application."""
    return {
        "SETTINGS": settings,
        "SECRET_KEY": settings.signing_key(),
        "DEBUG": settings.debug,
        "TESTING": settings.environment == "testing",
        "SQLALCHEMY_DATABASE_URI": settings.database,
        "SQLALCHEMY_ENGINE_OPTIONS": _engine_options(settings.database),
        # the form's other fields travel too, so the request may be a little larger than the picture
        "MAX_CONTENT_LENGTH": settings.upload_megabytes * MEGABYTE + 256 * 1024,
        "MAX_FORM_MEMORY_SIZE": 256 * 1024,
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=settings.session_hours),
        "SESSION_REFRESH_EACH_REQUEST": False,  # counted from the sign-in, not from the last page
        "SESSION_COOKIE_NAME": "__Host-lentigo" if settings.https else "lentigo",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.https,
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session: a form may stay open through a long visit
        "PREFERRED_URL_SCHEME": "https" if settings.https else "http",
    }


def _engine_options(database: str) -> dict[str, Any]:
    """Return how connections are made: those to a server are found out when it was restarted, or has vanished."""
    options: dict[str, Any] = {"hide_parameters": True}  # a failed statement is logged, not its names
    if database.startswith("postgresql"):
        options |= {"pool_pre_ping": True, "connect_args": dict(GIVING_UP)}
    return options
