"""Count what the database answers with errors, by the class of the error."""

from __future__ import annotations

from sqlalchemy import event
from sqlalchemy.engine import Engine, ExceptionContext

from app.metrics.measures import DATABASE_ERRORS


@event.listens_for(Engine, "handle_error")
def _count(context: ExceptionContext) -> None:
    error = context.sqlalchemy_exception or context.original_exception
    DATABASE_ERRORS.labels(type(error).__name__).inc()
