"""Trace what is asked of the database: which kind of statement, never its words or parameters."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine, ExceptionContext

from app.tracing import is_traced, span

STACK = "lentigo_span"
VERBS = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "PRAGMA", "SAVEPOINT", "RELEASE"})


@event.listens_for(Engine, "before_cursor_execute")
def _begin(connection: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
    if not is_traced():
        return
    said = (statement.split(None, 1) or [""])[0].upper()
    told: dict[str, Any] = {
        "db__system__name": connection.dialect.name,
        "db__operation__name": said if said in VERBS else "other",
    }
    stack = connection.info.setdefault(STACK, [])
    stack.append(ExitStack())
    stack[-1].enter_context(span("database", "client", **told))


@event.listens_for(Engine, "after_cursor_execute")
def _end(connection: Connection, *_rest: Any) -> None:
    if stack := connection.info.get(STACK):
        stack.pop().close()


@event.listens_for(Engine, "handle_error")
def _fail(context: ExceptionContext) -> None:
    if context.connection is not None and (stack := context.connection.info.get(STACK)):
        stack.pop().close()
