"""What compose.yaml says, as far as containers can be run of it without an engine."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


def composed(values: Mapping[str, str]) -> dict[str, Any]:
    """Return compose.yaml with its variables filled in; KeyError with the sentence of one that has to be set."""
    read: dict[str, Any] = yaml.safe_load(_filled((ROOT / "compose.yaml").read_text(), values))
    return read


def dotenv(text: str) -> dict[str, str]:
    """Read the variables of a file .env."""
    pairs = (line.partition("=") for line in text.splitlines() if line.strip() and not line.startswith("#"))
    return {name: value for name, _, value in pairs}


def _filled(text: str, values: Mapping[str, str]) -> str:
    def fill(found: re.Match[str]) -> str:
        name, kind, said = found.groups()
        if values.get(name):
            return values[name]
        if kind == "?":
            raise KeyError(f"{name}: {said}")
        return said or ""

    return VARIABLE.sub(fill, text)
