"""Why a site can't be moved."""

from __future__ import annotations

from app.errors import AppError


class MoveError(AppError):
    """A move that can't begin, or go on, or that was found to be incomplete; the message says what to do."""

    status = 409
    title = "The site can't be moved"
