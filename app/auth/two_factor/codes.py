"""Codes of authenticator apps: RFC 6238 with SHA-1, 6 digits and 30 seconds, which is what all apps can do."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime

import pyotp
import segno

ISSUER = "Lentigo"
DIGITS = 6
SECONDS = 30
DRIFT = 1  # steps by which the clock of a phone may be wrong, either way
GROUP = 4  # characters of a key that are read at once
QUIET = 4  # squares of light around a QR code (ISO/IEC 18004)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A QR code for a page: how many squares it is wide, and the dark ones as the path of an SVG."""

    side: int
    path: str


def new_secret() -> str:
    """Return a random key of 160 bits, in base 32."""
    return pyotp.random_base32()


def matching_step(secret: str, code: str, at: datetime) -> int | None:
    """Return the newest time step near a moment whose code this is; None if it is of none."""
    totp = pyotp.TOTP(secret, digits=DIGITS, interval=SECONDS)
    present = totp.timecode(at)
    steps = range(present - DRIFT, present + DRIFT + 1)
    written = code.encode()
    found = [step for step in steps if hmac.compare_digest(totp.generate_otp(step).encode(), written)]
    return max(found, default=None)


def address(secret: str, account: str) -> str:
    """Return what an app reads from the QR code: an address `otpauth://totp/...`."""
    return pyotp.TOTP(secret, digits=DIGITS, interval=SECONDS).provisioning_uri(name=account, issuer_name=ISSUER)


def drawn(content: str) -> Drawn:
    """Draw a QR code, with the quiet zone that readers need."""
    rows = list(segno.make(content, error="m", micro=False).matrix_iter(border=QUIET))
    dark = ((x, y) for y, row in enumerate(rows) for x, square in enumerate(row) if square)
    return Drawn(len(rows), "".join(f"M{x} {y}h1v1h-1z" for x, y in dark))


def in_groups(secret: str) -> str:
    """Write a key as it is typed, in groups."""
    return " ".join(secret[start : start + GROUP] for start in range(0, len(secret), GROUP))
