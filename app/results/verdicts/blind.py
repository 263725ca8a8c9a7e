"""The blind first look: an answer is hidden until the clinician has entered an own assessment."""

from __future__ import annotations

from flask_login import current_user
from sqlalchemy import ColumnElement, and_, false

from app.auth.tables import User
from app.results.tables import Analysis

CONCEALED = "Hidden until you have entered your assessment"


def concealed(user: User, analysis: Analysis) -> bool:
    """Tell whether a person must not see yet what was answered; where nothing was, there is nothing to hide."""
    return user.blind and analysis.accepted and analysis.assessment is None


def is_concealed(analysis: Analysis) -> bool:
    """Tell the same of whoever is signed in, for templates: ``{% if analysis is concealed %}``."""
    return concealed(current_user, analysis)


def concealed_from(user: User) -> ColumnElement[bool]:
    """Match the analyses whose answers a person must not see yet, for lists that are sorted or filtered by them."""
    return and_(Analysis.accepted.is_(True), Analysis.assessment.is_(None)) if user.blind else false()
