"""What holds a test: something was said, issued or sent of it, and must not go with the photograph by the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from flask import Flask, current_app
from sqlalchemy.orm import Session

from app.results.tables import Analysis
from app.results.verdicts.selectors import verdicts_of

HOLDS = "holds_tests"

Holds = Callable[[Session, Analysis], bool]


def hold_tests(app: Flask, holds: Holds) -> None:
    """Let a feature that stands above this one hold the tests of which it has something."""
    app.extensions.setdefault(HOLDS, []).append(holds)


def is_held(session: Session, analysis: Analysis) -> bool:
    """Tell whether anything was added to a test: a verdict, even one taken back, or what a feature above has of it."""
    if verdicts_of(session, analysis):
        return True
    return any(holds(session, analysis) for holds in cast(list[Holds], current_app.extensions.get(HOLDS, [])))
