"""Answers that the caller has chosen not to see before an own assessment: what would show one is refused."""

from __future__ import annotations

from app.api.callers import caller
from app.errors import AppError
from app.results.tables import Analysis
from app.results.verdicts.blind import CONCEALED, concealed


class AnswerHiddenError(AppError):
    """An answer was asked for that is not to be seen before the caller's own assessment."""

    status = 403
    kind = "answer-hidden"
    title = CONCEALED


def require_seen(analysis: Analysis) -> Analysis:
    """Return an analysis whose answer the caller may see; AnswerHiddenError if they may not yet."""
    if concealed(caller(), analysis):
        raise AnswerHiddenError("This account looks at each photograph itself first: send an assessment of it.")
    return analysis
