"""Keeps a Python process on this machine: what would reach another, or ask for its name, is refused and written down.

Python imports a module of this name at every start, if it is on the path: so do the processes that tests start. An
audit hook (PEP 578) sees every socket of the process, whichever library or thread opened it, and can't be taken out.
"""

from __future__ import annotations

import os
import socket
import sys
from ipaddress import ip_address
from pathlib import Path
from typing import Any

WRITTEN_TO = "QUARANTINE_FILE"
HERE = frozenset({"", "localhost", "0.0.0.0", "::"})  # noqa: S104 - the last two are listened at
NOWHERE = (".invalid", ".test")  # names that nobody has (RFC 6761): as good as asked for
PLACES = {  # where the address is, in what an event tells
    "socket.connect": 1, "socket.sendto": 1, "socket.sendmsg": 1, "socket.getaddrinfo": 0, "socket.gethostbyname": 0,
    "socket.gethostbyaddr": 0, "socket.getnameinfo": 0,
}  # fmt: skip


class OutsideError(socket.gaierror):
    """Something would have left this machine."""


def refuse(event: str, arguments: tuple[Any, ...]) -> None:
    """Raise OutsideError for an event that is about another machine."""
    place = PLACES.get(event)
    if place is None or _is_here(arguments[place]):
        return
    name = _host(arguments[place])
    if not name.endswith(NOWHERE):
        _write(f"{event} {name}")
    raise OutsideError(socket.EAI_NONAME, f"{event}: {name} is not on this machine")


def is_a_file(address: Any) -> bool:
    """Tell whether a socket is one of this machine's files, or of a pair: such have no host."""
    return address is None or (isinstance(address, (str, bytes)) and address[:1] in ("/", b"/", "\0", b"\0"))


def _is_here(address: Any) -> bool:
    if is_a_file(address):
        return True
    host = _host(address)
    try:
        return host in HERE or ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host == socket.gethostname().lower()


def _host(address: Any) -> str:
    host = address[0] if isinstance(address, tuple) else address
    return (host.decode("ascii", "replace") if isinstance(host, bytes) else str(host or "")).lower()


def _write(line: str) -> None:
    path = os.environ.get(WRITTEN_TO)
    if path:
        with Path(path).open("a") as file:
            file.write(f"{line}\n")


sys.addaudithook(refuse)
