"""Who looks at the pages of patients, lesions and what is kept with them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from app.auth import presence, proof, sessions
from app.auth.links import services as links
from app.clock import now


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Set the clock that sign-ins are measured by to so many minutes from now."""

    def move(minutes: float) -> None:
        moment = now() + timedelta(minutes=minutes)
        for module in (links, presence, proof, sessions):
            monkeypatch.setattr(module, "now", lambda: moment)

    return move
