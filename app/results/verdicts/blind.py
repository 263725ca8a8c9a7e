"""The blind first look: an answer is hidden until the clinician has entered an own assessment."""

from __future__ import annotations

from flask import url_for
from flask_login import current_user
from sqlalchemy import ColumnElement, and_, false

from app.auth.tables import User
from app.errors import AppError, Remedy
from app.results.tables import Analysis

CONCEALED = "Hidden until you have entered your assessment"


class ConcealedError(AppError):
    """An answer was asked for that is not to be seen before the person's own assessment."""

    status = 409
    title = CONCEALED

    def __init__(self, analysis: Analysis) -> None:
        super().__init__("You have chosen to look at each photograph yourself before you see the answer.")
        self.remedy = Remedy("Enter your assessment", url_for("results.show", public_id=analysis.public_id))


def concealed(user: User, analysis: Analysis) -> bool:
    """Tell whether a person must not see yet what was answered; where nothing was, there is nothing to hide."""
    return user.blind and analysis.accepted and analysis.assessment is None


def concealed_from(user: User) -> ColumnElement[bool]:
    """Match the analyses whose answers a person must not see yet, for lists that are sorted or filtered by them."""
    return and_(Analysis.accepted.is_(True), Analysis.assessment.is_(None)) if user.blind else false()


def require_shown(user: User, analysis: Analysis) -> None:
    """Raise ConcealedError if a person must not see yet what was answered."""
    if concealed(user, analysis):
        raise ConcealedError(analysis)


def is_concealed(analysis: Analysis) -> bool:
    """Tell the same of whoever is signed in, for templates: ``{% if analysis is concealed %}``."""
    return concealed(current_user, analysis)


def never_shown(user: User, analysis: Analysis) -> bool:
    """Tell whether an answer that is concealed now has been ever since there was one; see docs/decisions/0017."""
    return concealed(user, analysis) and user.blind_since is not None and user.blind_since <= analysis.created_at
