"""The shell: the pages and files that a device keeps, to open without network. No patient is in any of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from flask import current_app, url_for

# whole folders, because scripts and styles load each other: one left out, and a page does not start
KEPT = (
    "css/*.css",
    "js/*.js",
    "icons/*",
    "vendor/bootstrap/*.js",
    "vendor/bootstrap/*.css",
    "vendor/inter/inter-latin-wght-normal.woff2",
)
NOT_KEPT = frozenset({".md"})


def files() -> list[str]:
    """Return the addresses of the kept files."""
    return [url_for("static", filename=path.relative_to(_static()).as_posix()) for path in _paths()]


def stamp() -> tuple[tuple[Path, int], ...]:
    """Tell, at the price of a look at each file, whether any of them may have changed."""
    return tuple((path, path.stat().st_mtime_ns) for path in _paths())


def version(pages: Mapping[str, str]) -> str:
    """Return a digest of all that is kept, `pages` by address: a deployment that changes any of it changes this."""
    digest = hashlib.sha256(repr(sorted(pages.items())).encode())
    for path in _paths():
        digest.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _paths() -> Iterator[Path]:
    for pattern in KEPT:
        yield from sorted(path for path in _static().glob(pattern) if path.suffix not in NOT_KEPT)


def _static() -> Path:
    return Path(current_app.static_folder or "")
