"""Why a lesion was not measured, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from app.inference import OUTLINE_REFUSALS

UNREADABLE = "unreadable"
REFUSALS: Mapping[str, str] = MappingProxyType(
    {**OUTLINE_REFUSALS, UNREADABLE: "The kept photograph could not be read."}
)
