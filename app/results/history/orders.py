"""In which order the history is read; each order is that of an index."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, not_, or_
from sqlalchemy.orm import InstrumentedAttribute

from app.auth.tables import User
from app.results.history.filters import Filters
from app.results.tables import Analysis
from app.results.verdicts.blind import concealed, concealed_from


class Place(NamedTuple):
    """Where an analysis stands in an order."""

    value: Any
    id: int


class Order(NamedTuple):
    """A column to sort by, ties by id; both fall or both rise, so that an index can serve them.

    `only` leaves out what another order of the same list has.
    """

    column: InstrumentedAttribute[Any]
    falling: bool
    only: ColumnElement[bool] | None = None

    @property
    def reversed(self) -> Order:
        """The same, read from the end."""
        return self._replace(falling=not self.falling)

    @property
    def sorting(self) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
        """What to sort by."""
        keys = (self.column, Analysis.id)
        return tuple(key.desc() if self.falling else key.asc() for key in keys)  # type: ignore[return-value]  # two keys

    def place_of(self, analysis: Analysis) -> Place:
        """Return where an analysis stands."""
        return Place(getattr(analysis, self.column.key), analysis.id)

    def beyond(self, place: Place) -> ColumnElement[bool]:
        """Match what comes after a place; the first condition is the one that an index can serve."""
        column, (value, last) = self.column, place
        if self.falling:
            return and_(column <= value, or_(column < value, Analysis.id < last))
        return and_(column >= value, or_(column > value, Analysis.id > last))


ORDERS: Mapping[str, Order] = {
    "newest": Order(Analysis.created_at, falling=True),
    "oldest": Order(Analysis.created_at, falling=False),
    "suspicious": Order(Analysis.suspicion, falling=True),
    "patient": Order(Analysis.patient_key, falling=False),
}


def orders_of(user: User, filters: Filters) -> tuple[Order, ...]:
    """Return the orders in which a list is read, one after the other.

    For somebody who looks blind, a place in the list must not tell what is hidden: where malignancy counts, analyses
    with a hidden answer follow all others, the newest first.
    """
    order = ORDERS[filters.sort]
    if order.column is not Analysis.suspicion or not user.blind:
        return (order,)
    shown = order._replace(only=not_(concealed_from(user)))
    return (shown,) if filters.ask_for_answers else (shown, ORDERS["newest"]._replace(only=concealed_from(user)))


def order_with(orders: tuple[Order, ...], user: User, analysis: Analysis) -> int:
    """Return the number of the order in which an analysis stands."""
    return len(orders) - 1 if concealed(user, analysis) else 0
