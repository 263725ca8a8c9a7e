"""Behind the gate: what somebody brings is received without a turn, and waits for one of those of photographs."""

from __future__ import annotations

import tempfile
from typing import IO

from flask import current_app, request
from flask_login import current_user

from app.admission.doors import SMALL, STAY, Stay, length_of
from app.admission.lanes import FullError
from app.errors import AppError, BusyError, TooLargeError
from app.extensions import db
from app.security.gate import is_open

IN_MEMORY = 1 << 20  # bytes of what is received; more is put into a file without a name
PIECE = 1 << 16


class CutOffError(AppError):
    """What was sent has not arrived whole within the time there is for it."""

    status = 408
    kind = "sent-too-slowly"
    title = "This did not arrive"


def take_turn() -> None:
    """Receive what is brought, and wait for a turn with it; CutOffError, BusyError if there is none in time.

    Nothing is waited for with a turn of a page, or with a connection of the database. What is larger than any
    photograph is kept as it comes, by a view that takes such, and looked at by the worker: it needs no turn.
    """
    stay: Stay | None = request.environ.get(STAY)
    if stay is None or stay.photograph is None:
        return
    length = length_of(request.environ)
    if is_open(current_app, request.endpoint or "static") and not current_user.is_authenticated and length > SMALL:
        raise TooLargeError("This is larger than what can be sent here.")
    db.session.rollback()
    stay.page.leave()
    if length > current_app.config["MAX_CONTENT_LENGTH"]:  # where no view takes such, it is refused unread
        return
    if length:
        stay.received = request.environ["wsgi.input"] = _received(request.environ["wsgi.input"], length)
    try:
        stay.photograph.take_turn()
    except FullError as full:
        raise BusyError(full.retry_after) from full


def _received(coming: IO[bytes], length: int) -> IO[bytes]:
    file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed when the stay ends
    left = length
    while left and (piece := coming.read(min(left, PIECE))):
        file.write(piece)
        left -= len(piece)
    if left:
        file.close()
        raise CutOffError("What was sent has not arrived whole. Nothing was stored; please send it again.")
    file.seek(0)
    return file
