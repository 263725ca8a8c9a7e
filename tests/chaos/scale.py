"""How much is tried: a little in the test suite, the whole by ``make chaos``."""

from __future__ import annotations

import os
from dataclasses import dataclass

import pytest


@dataclass(frozen=True)
class Scale:
    """Rounds of killing a worker, photographs in each, and in any other batch; seconds of an outage, and of sending."""

    rounds: int
    photographs: int
    others: int
    away: float
    sending: float


def on(*few: str) -> pytest.MarkDecorator:
    """Run a test on each ground; where little is tried on a few."""
    return pytest.mark.parametrize("site", GROUNDS if WHOLE else few, indirect=True)


GROUNDS = ("on_sqlite", "on_servers")
WHOLE = os.environ.get("CHAOS") == "whole"
SCALE = Scale(10, 300, 60, 20, 15) if WHOLE else Scale(1, 20, 20, 2, 3)
