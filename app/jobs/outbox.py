"""What is to happen once a session has committed, and must not happen if it rolls back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction, scoped_session

OUTBOX = "outbox"


def after_commit(session: Session | scoped_session[Any], send: Callable[[], None]) -> None:
    """Call `send` after the commit of `session`; any rollback, of a savepoint too, drops it."""
    own = session() if isinstance(session, scoped_session) else session
    own.info.setdefault(OUTBOX, []).append(send)


@event.listens_for(Session, "after_commit")
def _send(session: Session) -> None:
    if session.in_nested_transaction():  # a savepoint was released: nothing is written yet
        return
    for send in session.info.pop(OUTBOX, ()):
        send()


@event.listens_for(Session, "after_soft_rollback")
def _drop(session: Session, _transaction: SessionTransaction) -> None:
    session.info.pop(OUTBOX, None)


@event.listens_for(Session, "after_transaction_end")
def _drop_unfinished(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:  # closed without a commit
        session.info.pop(OUTBOX, None)
