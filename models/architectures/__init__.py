"""The networks of the literature, one builder each, by architecture name."""

from __future__ import annotations

from models.architectures.base import Architecture, build_network
from models.architectures.mobilenet_v2 import MOBILENET_V2

ARCHITECTURES: dict[str, Architecture] = {MOBILENET_V2.name: MOBILENET_V2}

__all__ = ["ARCHITECTURES", "Architecture", "build_network"]
