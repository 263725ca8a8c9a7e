"""Search the history without looking at more than so many tests at a time: see docs/decisions/0022."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, Subquery, func, select
from sqlalchemy.orm import Session
from sqlalchemy.schema import Column
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.sql.visitors import ExternallyTraversible, replacement_traverse

from app.auth.tables import User
from app.results.history.asked import Asked, Question
from app.results.history.orders import ORDERS, Order, Place
from app.results.selectors import analyses_of
from app.results.tables import SEARCHED, Analysis

LOOKED_AT = 6_000  # entries of an index
LOOKED_AT_DEARLY = 2_000  # where each look takes long
MOST_COUNTED = 10_000
LOOKED_UP = [getattr(Analysis, name) for name in ("id", *SEARCHED)]

Condition = ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Total:
    """How many tests are found: exactly `count`; or more than that, or at least that, as `bound` says."""

    count: int
    bound: str = ""

    @property
    def words(self) -> str:
        """The number, as a sentence begins with it."""
        return f"{self.bound} {self.count:,} {'test' if self.count == 1 else 'tests'}".lstrip()


@dataclass(frozen=True, slots=True)
class Found:
    """Ids in order; `reached` is the place up to which was looked, None if nothing lies beyond."""

    ids: Sequence[int]
    reached: Place | None


class Search:
    """Finds what was asked for in one of two ways, neither of which looks at more than `looked_at` tests.

    Gathered: an index finds so few tests for one of the conditions that all of them are looked at, in any order. Else
    walked: the tests are looked at in the order of the list, a stretch at a time. In both, what is looked at is taken
    from one index, and the rest is asked of that alone: no database is left to choose.
    """

    def __init__(self, session: Session, user: User, question: Question) -> None:
        self._session = session
        self._own = analyses_of(user)
        self._asked = question.asked
        self.looked_at = LOOKED_AT_DEARLY if any(asked.dear for asked in self._asked) else LOOKED_AT
        self._telling = self._most_telling()

    @property
    def walks(self) -> bool:
        """Tell whether tests are looked at a stretch at a time."""
        return bool(self._asked) and self._telling is None

    def total(self, order: Order) -> Total:
        """Count what is found, up to MOST_COUNTED; `order` is one in which the list is read."""
        if any(asked.order == Analysis.suspicion.key for asked in self._asked):
            order = ORDERS["suspicious"]  # of which more can be told
        found = self._ids(order, []).limit(MOST_COUNTED + 1)
        count = self._session.scalar(select(func.count()).select_from(found.subquery())) or 0
        if count > MOST_COUNTED:
            return Total(MOST_COUNTED, "More than")
        return Total(count, "" if self._reach(order, []) is None else "At least")

    def read(self, order: Order, start: Place | None, rows: int) -> Found:
        """Find the next tests in an order, `rows` at the most."""
        place = [] if start is None else [order.beyond(start)]
        ids = self._session.scalars(self._ids(order, place, sort=True).limit(rows)).all()
        return Found(ids, self._reach(order, place) if len(ids) < rows else None)

    def next_to(self, order: Order, start: Place | None) -> int | None:
        """Return the id of the first test beyond a place that is looked at, found or not; None if there is none."""
        looked_at = self._walked(order, [] if start is None else [order.beyond(start)])
        only = [] if order.only is None else [_moved(order.only, looked_at.c)]
        first = select(looked_at.c.id).where(*only).order_by(*(_moved(key, looked_at.c) for key in order.sorting))
        return self._session.scalar(first.limit(1))

    def all_of(self, order: Order) -> Select[Analysis]:
        """Select everything that is found in an order, however many tests have to be looked at for that."""
        only = [] if order.only is None else [order.only]
        return self._own.where(*(asked.condition for asked in self._asked), *only).order_by(*order.sorting)

    def _most_telling(self) -> Asked | None:
        """Return the condition for which an index finds the fewest tests; None if these are too many for all."""
        finding = [asked for asked in self._asked if asked.found]
        if not finding:
            return None
        sizes = self._session.execute(select(*(self._size(asked) for asked in finding))).one()
        size, best = min(zip(sizes, finding, strict=True), key=lambda pair: pair[0])
        return best if size <= self.looked_at else None

    def _size(self, asked: Asked) -> ColumnElement[int]:
        found = self._found_by(asked).with_only_columns(Analysis.id).limit(self.looked_at + 1)
        return select(func.count()).select_from(found.subquery()).scalar_subquery()

    def _ids(self, order: Order, place: Sequence[Condition], *, sort: bool = False) -> Select[int]:
        """Select the ids of what is found from a place on, among the tests that are looked at."""
        only = [] if order.only is None else [order.only]
        if not self._asked and not only:
            found = self._own.with_only_columns(Analysis.id).where(*place)
            return found.order_by(*order.sorting) if sort else found
        looked_at = self._walked(order, place) if self._telling is None else self._gathered(self._telling)
        conditions = [asked.condition for asked in self._asked if asked is not self._telling]
        conditions += [*only, *(place if self._telling is not None else [])]
        found = select(looked_at.c.id).where(*(_moved(condition, looked_at.c) for condition in conditions))
        return found.order_by(*(_moved(key, looked_at.c) for key in order.sorting)) if sort else found

    def _gathered(self, telling: Asked) -> Subquery:
        return self._found_by(telling).with_only_columns(*LOOKED_UP).limit(self.looked_at).subquery()

    def _found_by(self, asked: Asked) -> Select[Analysis]:
        return (select(Analysis) if asked.own else self._own).where(asked.condition)

    def _walked(self, order: Order, place: Sequence[Condition]) -> Subquery:
        return self._entries(order, place).with_only_columns(*LOOKED_UP).limit(self.looked_at).subquery()

    def _entries(self, order: Order, place: Sequence[Condition]) -> Select[Analysis]:
        """Select the tests from a place on, in an order; of what is asked for, those that stand in it side by side."""
        together = [asked.condition for asked in self._asked if asked.order == order.column.key]
        return self._own.where(*together, *place).order_by(*order.sorting)

    def _reach(self, order: Order, place: Sequence[Condition]) -> Place | None:
        """Return the place up to which a walk looks; None if it comes to the end of the list before."""
        if self._telling is not None or not (self._asked or order.only is not None):
            return None
        entries = self._entries(order, place).with_only_columns(order.column, Analysis.id)
        ends = self._session.execute(entries.offset(self.looked_at - 1).limit(2)).all()
        return Place(*ends[0]) if len(ends) > 1 else None


def _moved(clause: ColumnElement[Any], columns: ReadOnlyColumnCollection[str, Any]) -> ColumnElement[Any]:
    """Return a condition on analyses as one on what was gathered of them."""

    def of_gathered(element: ExternallyTraversible, **_: Any) -> ColumnElement[Any] | None:
        if isinstance(element, Column) and element.table is Analysis.__table__:
            return cast(ColumnElement[Any], columns[element.key])
        return None

    return cast(ColumnElement[Any], replacement_traverse(clause, {}, of_gathered))
