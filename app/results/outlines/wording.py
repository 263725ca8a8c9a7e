"""Why a lesion was not measured, in sentences, and measures in figures."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from app.inference import OUTLINE_REFUSALS

UNREADABLE, STOPPED = "unreadable", "stopped"
REFUSALS: Mapping[str, str] = MappingProxyType(
    {
        **OUTLINE_REFUSALS,
        UNREADABLE: "The kept photograph could not be read.",
        STOPPED: "The work on this photograph was broken off again and again.",
    }
)


def figure(value: float) -> str:
    """Write a size with as many digits as mean something: 0.84, 3.2, 27, 1,240."""
    decimals = 2 if value < 1 else 1 if value < 10 else 0  # noqa: PLR2004 - orders of magnitude
    return f"{value:,.{decimals}f}"
