"""What must not be done by two transactions at once, named: the second waits until the first has ended."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

OURS = 1  # apart from the locks of names, see `results.names`


def one_at_a_time(session: Session, what: str) -> None:
    """Wait for whoever does the same, until this transaction ends; what is selected afterwards has their rows.

    In SQLite nobody else writes once something was written here, so that must have been the case. Where one
    transaction does several such things, all do them in the same order.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(what, OURS))))
