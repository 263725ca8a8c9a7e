"""The pinned packages: names, versions, hashes, and where they are meant for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LONGEST_NAME = 80  # some write the whole licence where its name belongs
HASH = re.compile(r"\s--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True)
class Pin:
    """One package at one version; `applies` tells whether it is for a machine such as this."""

    name: str
    version: str
    hashes: tuple[str, ...]
    marker: str | None
    applies: bool


def pins(file: Path) -> list[Pin]:
    """Read a requirements file that uv has written."""
    return [_pin(line) for line in file.read_text().replace("\\\n", " ").splitlines()]


def licence(name: str) -> str | None:
    """Return the licence of an installed package in its own words: an expression, a name, or its classifiers."""
    try:
        said = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return None
    named = (said.get("License") or "").strip()
    classified = [line.rpartition(" :: ")[2] for line in said.get_all("Classifier", []) if line.startswith("License")]
    return (
        said.get("License-Expression") or (named if 0 < len(named) < LONGEST_NAME else None) or " and ".join(classified)
    )


def _pin(line: str) -> Pin:
    wanted = Requirement(HASH.sub("", line).strip())
    (version,) = wanted.specifier
    return Pin(
        canonicalize_name(wanted.name),
        version.version,
        tuple(HASH.findall(line)),
        None if wanted.marker is None else str(wanted.marker),
        wanted.marker is None or wanted.marker.evaluate(),
    )
