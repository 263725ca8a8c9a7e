"""What a start is refused for: each unsafe setting with the sentence that says what to set."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from app.setting_kinds import LOOPBACK

if TYPE_CHECKING:
    from config import Settings

SHORTEST_SECRET = 32


class UnsafeSettingsError(ValueError):
    """A start with a setting that must not be used so; the message says what to set."""


UNSAFE: tuple[tuple[Callable[[Settings], bool], str], ...] = (
    (lambda settings: settings.debug, "Debugging is on in production: set LENTIGO_DEBUG=false."),
    (
        lambda settings: settings.secret_key is None or len(settings.secret_key) < SHORTEST_SECRET,
        "No safe secret key in production: set LENTIGO_SECRET_KEY to at least 32 random characters.",
    ),
    (
        lambda settings: settings.master_key is None and settings.master_key_file is None,
        "No master key in production: set LENTIGO_MASTER_KEY or LENTIGO_MASTER_KEY_FILE.",
    ),
    (
        lambda settings: settings.hosts is None,
        (
            "No name of the site in production: set LENTIGO_ALLOWED_HOSTS to the names under which it answers, or "
            "LENTIGO_PUBLIC_ADDRESS to its address."
        ),
    ),
    (
        lambda settings: not settings.https and settings.host not in LOOPBACK,
        (
            "What is shown of patients would travel unprotected in production: set LENTIGO_HTTPS=true behind a proxy "
            "that speaks it, or let this machine alone listen with LENTIGO_HOST=127.0.0.1."
        ),
    ),
    (
        lambda settings: settings.https and not settings.trusted_proxies,
        "HTTPS is on in production, and nothing in front speaks it: set LENTIGO_TRUSTED_PROXIES=1.",
    ),
    (
        lambda settings: _is_plain(settings.s3_endpoint) and not settings.s3_plain_http,
        (
            "The object store would be asked over plain HTTP in production: set LENTIGO_S3_ENDPOINT to an address with "
            "https://, or LENTIGO_S3_PLAIN_HTTP=true if nobody else is in the network between."
        ),
    ),
)


def refuse_unsafe(settings: Settings) -> None:
    """Raise UnsafeSettingsError for the first setting that is unsafe in production, or that lacks another."""
    if settings.mail_url is not None and None in (settings.mail_from, settings.public_address):
        raise UnsafeSettingsError(
            "Mail needs a sender, and links in it an address: set LENTIGO_MAIL_FROM and LENTIGO_PUBLIC_ADDRESS."
        )
    if (settings.s3_key is None) != (settings.s3_secret is None):
        raise UnsafeSettingsError("An access key needs its secret: set both LENTIGO_S3_KEY and LENTIGO_S3_SECRET.")
    if settings.environment != "production":
        return
    for is_unsafe, sentence in UNSAFE:
        if is_unsafe(settings):
            raise UnsafeSettingsError(sentence)


def _is_plain(endpoint: str | None) -> bool:
    """Tell an address at which what is sent to another machine can be read on the way."""
    parts = urlsplit(endpoint or "")
    return parts.scheme == "http" and parts.hostname not in LOOPBACK
