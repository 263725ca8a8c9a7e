"""Names of files as others gave them: made fit to be shown and compared, never used as paths."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import PurePosixPath

from app.visible import INVISIBLE

LONGEST_NAME = 200  # characters that are kept
NAMELESS = "no name"
BESIDE = frozenset({"__macosx", "thumbs.db", "desktop.ini"})  # what systems put beside the files of people


def shown(path: str) -> str:
    """Return a path as it is shown: NFC, slashes, nothing invisible, no steps upwards; of a long one its end."""
    clean = "".join(c for c in unicodedata.normalize("NFC", path) if unicodedata.category(c) not in INVISIBLE)
    parts = [part.strip() for part in clean.replace("\\", "/").split("/")]
    name = "/".join(part for part in parts if part not in ("", ".", "..")) or NAMELESS
    return name if len(name) <= LONGEST_NAME else f"…{name[1 - LONGEST_NAME :]}"


def beside_the_point(path: str) -> bool:
    """Tell whether a file was put there by a system and not by a person."""
    parts = shown(path).casefold().split("/")
    return any(part.startswith(".") or part in BESIDE for part in parts)


def folder_of(name: str) -> str | None:
    """Return the folder that a shown name lies in; None if it names none."""
    return PurePosixPath(name).parent.name or None


def stem_of(name: str) -> str:
    """Return a shown name without folders and ending."""
    return PurePosixPath(name).stem


def spellings(name: str) -> Iterator[str]:
    """Yield the ways in which a spreadsheet may name a file, the most exact first, folded as `folded` does."""
    parts = folded(name).split("/")
    yield from ("/".join(parts[start:]) for start in range(len(parts)))
    *folders, last = parts
    stem = PurePosixPath(last).stem
    yield from ("/".join([*folders[start:], stem]) for start in range(len(parts)))


def folded(name: str) -> str:
    """Return a name as names are compared: shown, and without regard to case."""
    return unicodedata.normalize("NFC", shown(name).casefold())
