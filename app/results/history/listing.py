"""A page of the history, by key: what comes after, or before, one of the analyses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.results.history.asked import question_of
from app.results.history.filters import Filters
from app.results.history.orders import Order, order_with, orders_of
from app.results.history.search import Found, Search, Total
from app.results.selectors import LISTED, ROWS, analyses_of
from app.results.tables import Analysis

PAGE_LENGTH = 20


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of the list; `before` and `after` are the public ids to go on from, None at an end.

    `total` counts all that the filters let through. `looked_at` is the number of tests that were looked at where not
    all could be, and more may be found beyond; None else. `texts_since` is when the notes were read back to, None if
    all were. `lost` says that the place asked for is no longer there, and that this is the beginning instead.
    """

    analyses: Sequence[Analysis]
    total: Total
    before: str | None = None
    after: str | None = None
    looked_at: int | None = None
    texts_since: datetime | None = None
    lost: bool = False


def page_of(
    session: Session, user: User, filters: Filters, *, after: str | None = None, before: str | None = None
) -> Page:
    """Return the page that follows, or comes before, one of the person's analyses; else the first."""
    question = question_of(session, user, filters)
    listing = _Listing(session, user, Search(session, user, question), orders_of(user, filters))
    start = after or before
    anchors = analyses_of(user).where(Analysis.public_id == start).options(*LISTED)
    anchor = None if start is None else session.scalar(anchors)
    page = None
    if anchor is not None:
        page = listing.following(anchor) if after else listing.preceding(anchor)
    page = page or replace(listing.first(), lost=start is not None and anchor is None)
    return replace(page, texts_since=None if question.texts is None else question.texts.since)


def listed(session: Session, ids: Sequence[int]) -> Sequence[Analysis]:
    """Read analyses that were found, without what lists don't show, in the order of their ids."""
    chosen = select(Analysis).where(Analysis.id.in_(ids)).options(*ROWS)
    read = {analysis.id: analysis for analysis in session.scalars(chosen)}
    return [read[each] for each in ids if each in read]


class _Listing:
    """Reads pages of what a search finds, in orders that follow each other."""

    def __init__(self, session: Session, user: User, search: Search, orders: tuple[Order, ...]) -> None:
        self._session = session
        self._user = user
        self._search = search
        self._orders = orders
        self._total = search.total(orders[0])

    def first(self) -> Page:
        """Return the beginning of the list."""
        return self._forward(self._orders, None, self._read(self._orders))

    def following(self, anchor: Analysis) -> Page | None:
        """Return what comes after an analysis, if only that nothing does in a last stretch; None if nothing can."""
        orders = self._orders[order_with(self._orders, self._user, anchor) :]
        found = self._read(orders, anchor)
        return self._forward(orders, anchor, found) if found.ids or found.reached or self._search.walks else None

    def preceding(self, anchor: Analysis) -> Page | None:
        """Return what comes before an analysis; None if that is no more than the first page."""
        upwards = self._orders[: order_with(self._orders, self._user, anchor) + 1]
        orders = [order.reversed for order in reversed(upwards)]
        found = self._read(orders, anchor)
        if len(found.ids) <= PAGE_LENGTH and found.reached is None:
            return None
        shown = self._analyses(found.ids[:PAGE_LENGTH][::-1])
        after = shown[-1] if shown else self._next_to(orders, anchor)
        return self._page(shown, self._beyond(found) or shown[0], after, found)

    def _forward(self, orders: Sequence[Order], anchor: Analysis | None, found: Found) -> Page:
        shown = self._analyses(found.ids[:PAGE_LENGTH])
        before = None if anchor is None else shown[0] if shown else self._next_to(orders, anchor)
        last = shown[-1] if len(found.ids) > PAGE_LENGTH else None
        return self._page(shown, before, self._beyond(found) or last, found)

    def _page(self, shown: Sequence[Analysis], before: Analysis | None, after: Analysis | None, found: Found) -> Page:
        return Page(
            shown,
            self._total,
            before=None if before is None else before.public_id,
            after=None if after is None else after.public_id,
            looked_at=None if found.reached is None else self._search.looked_at,
        )

    def _read(self, orders: Sequence[Order], anchor: Analysis | None = None) -> Found:
        """Find one more than a page holds: whether it is there tells whether the list goes on."""
        ids: list[int] = []
        for order in orders:
            start = None if anchor is None or order is not orders[0] else order.place_of(anchor)
            found = self._search.read(order, start, PAGE_LENGTH + 1 - len(ids))
            ids += found.ids
            if found.reached is not None or len(ids) > PAGE_LENGTH:
                return Found(ids, found.reached)
        return Found(ids, None)

    def _next_to(self, orders: Sequence[Order], anchor: Analysis) -> Analysis:
        """Return what is looked at first beyond an analysis: to turn back from a page on which nothing is found.

        The analysis itself may be one that was found, at the end of what was looked at for the page before.
        """
        for order in orders:
            start = order.place_of(anchor) if order is orders[0] else None
            if (neighbour := self._search.next_to(order, start)) is not None:
                return self._analyses([neighbour])[0]
        return anchor  # what followed has been deleted meanwhile

    def _beyond(self, found: Found) -> Analysis | None:
        """Return the analysis up to which was looked; None if all were."""
        return None if found.reached is None else self._analyses([found.reached.id])[0]

    def _analyses(self, ids: Sequence[int]) -> Sequence[Analysis]:
        return listed(self._session, ids)
