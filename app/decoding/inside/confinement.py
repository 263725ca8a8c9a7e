"""Take from a process all that reading one file does not need: for good, and before it has seen a byte of that file."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import sys
from pathlib import Path

from app.decoding.inside import system_calls

PR_SET_PDEATHSIG, PR_SET_DUMPABLE = 1, 4
ONE_FILE = 0  # the only descriptor that is left to write to: the socket, as standard input


def confine(seconds: int, memory: int, origin: int) -> list[str]:
    """Confine this process, which `origin` has forked; return what could be limited here.

    `memory` in bytes, besides what it has now; `seconds` of processor time.
    """
    held = ["death of origin"] if _die_with(origin) else []
    limits = {
        "memory": (resource.RLIMIT_AS, _address_space() + memory),
        "processor time": (resource.RLIMIT_CPU, seconds),
        "core dumps": (resource.RLIMIT_CORE, 0),
        "new files": (resource.RLIMIT_FSIZE, 0),
        "open files": (resource.RLIMIT_NOFILE, 3),
        "processes": (resource.RLIMIT_NPROC, 0),
    }
    held += [name for name, (kind, most) in limits.items() if _limited(kind, most)]
    if system_calls.restrict():
        held.append("system calls")
    return held


def _die_with(origin: int) -> bool:
    """Have Linux end this process with the one that has forked it, and let no other of the account look into it."""
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None)
    done = libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) == 0
    if os.getppid() != origin:  # it has died before that was said
        os._exit(0)
    return done and bool(libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0)


def _address_space() -> int:
    """Return how many bytes this process has mapped; 0 where that isn't told, and isn't limited either."""
    with contextlib.suppress(OSError):
        return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    return 0


def _limited(kind: int, most: int) -> bool:
    try:
        # the first limit of processor time tells which it was, the last can't be caught
        resource.setrlimit(kind, (most, most + 1 if kind == resource.RLIMIT_CPU else most))
    except (ValueError, OSError):  # macOS refuses some
        return False
    return True
