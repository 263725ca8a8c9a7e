"""Who this site is to authenticators: never what a request alone says."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import current_app, request

LOCAL = "localhost"
NAME = "Lentigo"


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """The `id` that passkeys are bound to (a domain), and the `origin` that browsers must name."""

    id: str
    origin: str


def relying_party() -> RelyingParty | None:
    """Return who this site is at the address that it was asked at; None where there can be no passkeys.

    That is the public address in the settings; without one, a host that the settings allow, or this very machine. What
    a request says of its host counts only where it was compared with the settings.
    """
    settings = current_app.config["SETTINGS"]
    public: str | None = settings.public_address
    asked = urlsplit(request.host_url).hostname
    if public is not None:
        site = _of(public)
        return site if site is not None and site.id == asked else None
    return _of(request.host_url) if asked == LOCAL or asked in (settings.hosts or ()) else None


def _of(address: str) -> RelyingParty | None:
    """Return the relying party of an address; None for those that browsers allow no passkeys at."""
    parts = urlsplit(address)
    domain = (parts.hostname or "").rstrip(".")
    if not domain or _is_number(domain) or (parts.scheme != "https" and domain != LOCAL):
        return None
    return RelyingParty(domain, f"{parts.scheme}://{parts.netloc.rpartition('@')[2].lower()}")


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
