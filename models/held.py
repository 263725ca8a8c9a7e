"""Networks held once for all processes that are forked from this one, in memory that nobody can change any more.

A process that maps them shares their pages. A file on the disk would be shared as well, but whoever writes to it
would change a network after its hash was found right.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

_descriptors: dict[str, int] = {}


def hold(content: bytes, sha256: str) -> bool:
    """Hold a content with this hash until the process ends; False where the system has no sealed memory (not Linux)."""
    if sha256 in _descriptors:
        return True
    with contextlib.suppress(AttributeError, ImportError, OSError):
        _descriptors[sha256] = _sealed(content)
    return sha256 in _descriptors


def held(sha256: str | None) -> Path | None:
    """Return a file of this process with the content that is held under a hash; None if it isn't held."""
    descriptor = None if sha256 is None else _descriptors.get(sha256)
    return None if descriptor is None else Path(f"/proc/self/fd/{descriptor}")


def _sealed(content: bytes) -> int:
    from fcntl import F_ADD_SEALS, F_SEAL_GROW, F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_WRITE, fcntl  # noqa: PLC0415 - Linux

    descriptor = os.memfd_create("network", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        with open(descriptor, "wb", closefd=False) as file:
            file.write(content)
        fcntl(descriptor, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
