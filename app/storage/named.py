"""Which objects the rows of the database name: each feature says it of its own, for whoever copies them all."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlalchemy import Connection

Named = Callable[[Connection], Iterator[str]]
LASTING: list[Named] = []
PASSING: list[Named] = []


def names_objects(function: Named) -> Named:
    """Make a function one that yields storage keys which rows name, as the transaction of a connection sees them."""
    LASTING.append(function)
    return function


def names_passing_objects(function: Named) -> Named:
    """Do the same where the objects are soon gone again, so that they are copied before all others."""
    PASSING.append(function)
    return function


def named_objects(connection: Connection) -> Iterator[str]:
    """Yield every storage key that a row names."""
    for function in (*PASSING, *LASTING):
        yield from function(connection)
