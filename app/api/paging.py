"""Cursors: where a list goes on, as a text that only we need to understand."""

from __future__ import annotations

import base64
import binascii
import json
import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy import Select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.api.reading import InvalidRequestError
from app.api.schemas import PageQuery

Row = TypeVar("Row")


def part_of(
    session: Session, rows: Select[Row], key: InstrumentedAttribute[int], page: PageQuery
) -> tuple[Sequence[Row], str | None]:
    """Return the part of some rows that a page asks for, the newest first by their id, and the cursor of the next."""
    if page.cursor is not None:
        rows = rows.where(key < id_of(page.cursor))
    found = session.scalars(rows.order_by(key.desc()).limit(page.limit + 1)).all()
    following = id_cursor(getattr(found[page.limit - 1], key.key)) if len(found) > page.limit else None
    return found[: page.limit], following


def cursor_of(*key: str | int) -> str:
    """Write the key of the last row of a page as a cursor."""
    return base64.urlsafe_b64encode(json.dumps(key, separators=(",", ":")).encode()).decode().rstrip("=")


def key_of(cursor: str, *kinds: type[str] | type[int]) -> tuple[str | int, ...]:
    """Read a cursor; InvalidRequestError unless it holds values of these kinds."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        key = json.loads(base64.b64decode(padded.encode("ascii"), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise _unreadable() from error
    if not isinstance(key, list) or [type(part) for part in key] != list(kinds):
        raise _unreadable()
    return tuple(key)


def id_cursor(row_id: int) -> str:
    """Write the id of the last row of a page as a cursor."""
    return cursor_of(row_id)


def id_of(cursor: str) -> int:
    """Read a cursor made by `id_cursor`; InvalidRequestError."""
    (row_id,) = key_of(cursor, int)
    if not 0 <= int(row_id) < 2**63:
        raise _unreadable()
    return int(row_id)


def place_cursor(moment: datetime, row_id: int) -> str:
    """Write where a row stands among others by time, ties by id, as a cursor."""
    return cursor_of(moment_text(moment), row_id)


def place_of(cursor: str) -> tuple[datetime, int]:
    """Read a cursor made by `place_cursor`; InvalidRequestError."""
    moment, row_id = key_of(cursor, str, int)
    if not 0 <= int(row_id) < 2**63:
        raise _unreadable()
    return moment_of(moment), int(row_id)


def moment_text(moment: datetime) -> str:
    """Write a moment, to the microsecond, as part of a cursor."""
    return moment.astimezone(UTC).isoformat()


def moment_of(text: str | int) -> datetime:
    """Read a moment out of a cursor; InvalidRequestError."""
    try:
        moment = datetime.fromisoformat(str(text))
        if moment.tzinfo is None:
            raise _unreadable()
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _unreadable() from error


def rank_cursor(rank: float, row_id: int) -> str:
    """Write where a row stands among others by rank, ties by id, as a cursor."""
    return cursor_of(repr(rank), row_id)


def rank_of(cursor: str) -> tuple[float, int]:
    """Read a cursor made by `rank_cursor`; InvalidRequestError."""
    written, row_id = key_of(cursor, str, int)
    try:
        rank = float(written)
    except ValueError as error:
        raise _unreadable() from error
    if not (math.isfinite(rank) and 0 <= int(row_id) < 2**63):
        raise _unreadable()
    return rank, int(row_id)


def _unreadable() -> InvalidRequestError:
    return InvalidRequestError.of("query", "cursor", "This is not a cursor that a page gave.")
