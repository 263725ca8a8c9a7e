"""Sending a letter by SMTP; where none is configured on somebody's own machine, showing it at the terminal."""

from __future__ import annotations

import smtplib
import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import unquote, urlsplit

from app.mail.letters import Letter
from app.setting_kinds import LOOPBACK
from config import Settings

TIMEOUT = 15  # seconds
PORTS = {"smtp": 587, "smtps": 465}
UNSENT = (OSError, smtplib.SMTPException, UnicodeError, ValueError)  # ValueError: an address that no header can hold


def send(settings: Settings, address: str, letter: Letter) -> None:
    """Send a letter; UNSENT if that fails."""
    if settings.mail_url is None:
        if settings.environment == "local":
            _show(address, letter)
        return
    message = _message(settings.mail_from or "", address, letter)
    with _connected(settings.mail_url) as server:
        server.send_message(message)


def _message(sender: str, address: str, letter: Letter) -> EmailMessage:
    message = EmailMessage()
    message["From"] = Address(display_name="Lentigo", addr_spec=sender)
    message["To"] = Address(addr_spec=address)
    message["Subject"] = letter.subject
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no absence is to be told to us
    message.set_content(letter.text)
    return message


@contextmanager
def _connected(url: str) -> Iterator[smtplib.SMTP]:
    """Connect, encrypted unless the server runs on this machine, and signed in if need be."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    context = ssl.create_default_context()
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT, context=context)
    else:
        server = smtplib.SMTP(host, port, timeout=TIMEOUT)
    with server:
        if parts.scheme == "smtp" and host not in LOOPBACK:
            server.starttls(context=context)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        yield server


def _show(address: str, letter: Letter) -> None:
    lines = ("", f"To: {address}", f"Subject: {letter.subject}", "", letter.text, "")
    print("\n".join(lines), file=sys.stderr, flush=True)  # noqa: T201 - no log: these hide addresses
