"""The history for programs: what comes after a place, the newest first, without counting how much there is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.auth.tables import User
from app.results.history.asked import question_of
from app.results.history.filters import Filters
from app.results.history.listing import listed
from app.results.history.orders import ORDERS, Place
from app.results.history.search import Search
from app.results.tables import Analysis

NEWEST = ORDERS["newest"]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Tests in order; `after` is the place to go on from, None at the end of the list.

    There may be fewer than asked for, or none, and still more beyond: no search looks at all tests at once.
    `texts_since` is when the notes were read back to, None if all were.
    """

    analyses: Sequence[Analysis]
    after: Place | None
    texts_since: datetime | None


def stretch_of(session: Session, user: User, filters: Filters, *, start: Place | None, rows: int) -> Stretch:
    """Return the person's tests that follow a place, the newest first, `rows` at the most."""
    question = question_of(session, user, filters)
    found = Search(session, user, question).read(NEWEST, start, rows + 1)
    analyses = listed(session, found.ids[:rows])
    more = len(found.ids) > rows and bool(analyses)
    return Stretch(
        analyses,
        after=NEWEST.place_of(analyses[-1]) if more else found.reached,
        texts_since=None if question.texts is None else question.texts.since,
    )
