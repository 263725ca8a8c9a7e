"""Slow down guessing: failed attempts are counted by account and by address, or by known device, in the database."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from app.auth.tables import FailedSignIn
from app.clock import now
from app.errors import ThrottledError
from config import Settings

NO_ACCOUNT = ""  # counted against the address alone
IPV6_SITE_BITS = 64  # whoever has one IPv6 address has all that begin so


@dataclass(frozen=True, slots=True)
class Limits:
    """How many failures within `window` bring a pause; `key` makes the digests."""

    account: int
    address: int
    window: timedelta
    key: str

    @classmethod
    def of(cls, settings: Settings, key: str) -> Limits:
        """Return the limits that are set."""
        return cls(
            account=settings.sign_in_failures_account,
            address=settings.sign_in_failures_address,
            window=timedelta(minutes=settings.sign_in_window_minutes),
            key=key,
        )


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that is counted as failed until it turns out well; account and address are digests."""

    id: int
    account: str
    address: str


def begin(
    session: Session,
    limits: Limits,
    *,
    account: str | None,
    address: str,
    purpose: str = "address",
    device: str | None = None,
) -> Attempt:
    """Count an attempt before it is judged: once this is committed, parallel attempts see each other.

    An address is counted for each purpose by itself, and a device that the account knows in place of both.
    """
    session.execute(delete(FailedSignIn).where(FailedSignIn.at <= now() - limits.window))
    if device is None:
        counted_account = NO_ACCOUNT if account is None else _digest(limits.key, "account", account)
        counted_address = _digest(limits.key, purpose, _site_of(address))
    else:
        counted_account = counted_address = _digest(limits.key, "device", device)
    row = FailedSignIn(account=counted_account, address=counted_address, at=now())
    session.add(row)
    session.flush()
    return Attempt(row.id, row.account, row.address)


def seconds_to_wait(session: Session, limits: Limits, attempt: Attempt) -> int:
    """Return how long to wait before such an attempt may be judged; 0 if it may be now."""
    by_address = _wait(session, limits, attempt, FailedSignIn.address == attempt.address, limits.address)
    if attempt.account == NO_ACCOUNT:
        return by_address
    by_account = _wait(session, limits, attempt, FailedSignIn.account == attempt.account, limits.account)
    return max(by_address, by_account)


def refusal(seconds: int) -> ThrottledError:
    """Return what a person is told who has to wait."""
    minutes = ceil(seconds / 60)
    wait = "1 minute" if minutes == 1 else f"{minutes} minutes"
    return ThrottledError(f"There were too many failed attempts. Please try again in {wait}.", seconds)


def forget(session: Session, attempt: Attempt) -> None:
    """Count an attempt no longer."""
    session.execute(delete(FailedSignIn).where(FailedSignIn.id == attempt.id))


def forgive(session: Session, attempt: Attempt) -> None:
    """Forget an attempt that turned out well and the failures of its account; its address keeps them."""
    its = FailedSignIn.account == attempt.account
    if attempt.account != NO_ACCOUNT:  # in one order: two devices at once would wait for each other
        session.execute(select(FailedSignIn.id).where(its).order_by(FailedSignIn.id).with_for_update())
    forget(session, attempt)
    if attempt.account != NO_ACCOUNT:
        session.execute(update(FailedSignIn).where(its).values(account=NO_ACCOUNT))


def _wait(session: Session, limits: Limits, attempt: Attempt, counted: ColumnElement[bool], limit: int) -> int:
    """Return the seconds until fewer than `limit` other attempts are counted."""
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
    """Return what stands for everybody who shares an address or could choose it."""
    try:
        ip = ip_address(address)
    except ValueError:  # a UNIX socket has none
        return address
    if not isinstance(ip, IPv6Address):
        return str(ip)
    return str(ip.ipv4_mapped or ip_network((ip, IPV6_SITE_BITS), strict=False))


def _digest(key: str, kind: str, value: str) -> str:
    """Return what is kept in place of an e-mail or network address, so that the table holds none."""
    return hmac.new(key.encode(), f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()
