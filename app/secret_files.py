"""Secrets that a local installation makes for itself, each in a file that only its owner can read."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path


def kept_secret(path: Path, make: Callable[[], str]) -> str:
    """Read the secret at `path`; make it first if there is none."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        write_secret(path, make(), replace=False)
    return path.read_text().strip()


def write_secret(path: Path, secret: str, *, replace: bool) -> None:
    """Write a secret whole or not at all; without `replace` the first of two processes wins."""
    handle, written = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)  # only its owner can read it
    partial = Path(written)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(secret)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            os.replace(partial, path)
        else:
            os.link(partial, path)
    except FileExistsError:
        pass
    finally:
        partial.unlink(missing_ok=True)
