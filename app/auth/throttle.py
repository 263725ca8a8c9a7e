"""Slow down guessing: failed attempts are counted by account and by address, in the database."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address
from math import ceil

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from app.auth.tables import FailedSignIn
from app.clock import now
from app.errors import ThrottledError

NO_ACCOUNT = ""  # counted against the address alone
IPV6_SITE_BITS = 64  # whoever has one IPv6 address has as many as that leaves


@dataclass(frozen=True, slots=True)
class Limits:
    """How many failures within `window` bring a pause; `key` makes the digests."""

    account: int
    address: int
    window: timedelta
    key: str


def begin_attempt(session: Session, limits: Limits, *, account: str | None, address: str) -> FailedSignIn:
    """Count an attempt as failed before it is judged, so that parallel ones see each other once committed."""
    session.execute(delete(FailedSignIn).where(FailedSignIn.at <= now() - limits.window))
    attempt = FailedSignIn(
        account=NO_ACCOUNT if account is None else _digest(limits.key, "account", account),
        address=_digest(limits.key, "address", _site_of(address)),
        at=now(),
    )
    session.add(attempt)
    session.flush()
    return attempt


def wait_of(session: Session, limits: Limits, attempt: FailedSignIn) -> int:
    """Return the seconds to wait before an attempt may be judged; 0 if it may be now."""
    waits = [_wait(session, limits, attempt, FailedSignIn.address == attempt.address, limits.address)]
    if attempt.account != NO_ACCOUNT:
        waits.append(_wait(session, limits, attempt, FailedSignIn.account == attempt.account, limits.account))
    return max(waits)


def refuse(session: Session, attempt: FailedSignIn, wait: int) -> ThrottledError:
    """Forget an attempt that is not judged, for waiting must come to an end; return what to say."""
    session.delete(attempt)
    minutes = ceil(wait / 60)
    unit = "minute" if minutes == 1 else "minutes"
    return ThrottledError(f"There were too many failed attempts. Please try again in {minutes} {unit}.", wait)


def forgive(session: Session, attempt: FailedSignIn) -> None:
    """Forget a successful attempt, and what was counted against its account; the address keeps its count."""
    if attempt.account != NO_ACCOUNT:
        session.execute(
            update(FailedSignIn).where(FailedSignIn.account == attempt.account).values(account=NO_ACCOUNT)
        )
    session.delete(attempt)


def _wait(
    session: Session, limits: Limits, attempt: FailedSignIn, counted: ColumnElement[bool], limit: int
) -> int:
    """Return the seconds until fewer than `limit` other failures are counted."""
    since = now() - limits.window
    decisive: datetime | None = session.scalar(
        select(FailedSignIn.at)
        .where(counted, FailedSignIn.at > since, FailedSignIn.id != attempt.id)
        .order_by(FailedSignIn.at.desc())
        .offset(limit - 1)
        .limit(1)
    )
    return 0 if decisive is None else max(1, ceil((decisive - since).total_seconds()))


def _site_of(address: str) -> str:
    """Return what stands for the network that an address belongs to."""
    try:
        ip = ip_address(address)
    except ValueError:  # a UNIX socket, for one
        return address
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is None:
        return str(int(ip) >> (128 - IPV6_SITE_BITS))
    return str(getattr(ip, "ipv4_mapped", None) or ip)


def _digest(key: str, kind: str, value: str) -> str:
    """Return what is kept in place of an e-mail or network address, so that the table holds none."""
    return hmac.new(key.encode(), f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()
