"""The address at which a page learns what has become of its parts: as events, or as JSON for whoever asks again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from http import HTTPStatus

import structlog
from flask import Blueprint, Response, copy_current_request_context, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.exc import SQLAlchemyError

from app.errors import AppError
from app.live.events import MIMETYPE, events
from app.live.parts import Telling, tell
from app.live.streams import current_streams
from app.unattended import unattended

JSON = "application/json"
CONNECTIONS = ("gunicorn.socket", "werkzeug.socket")  # where the servers put the connection of a request

log = structlog.get_logger(__name__)
blueprint = Blueprint("live", __name__)


@blueprint.get("/live/<wanted>")
@unattended
def parts(wanted: str) -> ResponseReturnValue:
    """Tell parts of a page, with commas between them; 204 if events are asked for and there is no room for a stream.

    A browser takes 204 for the advice not to open the stream again, and complains of nothing.
    """
    names = wanted.split(",")
    telling = tell(names)
    if request.accept_mimetypes.best_match((JSON, MIMETYPE)) != MIMETYPE:
        return telling.as_json()
    streams = current_streams()
    if not streams.take():
        return "", HTTPStatus.NO_CONTENT
    connection = next((request.environ[key] for key in CONNECTIONS if key in request.environ), None)
    told = events(
        telling,
        # each look has contexts of its own, with which its database session ends: none is held while the stream waits
        copy_current_request_context(lambda: _told_again(names)),
        seen=request.headers.get("Last-Event-ID"),
        wait=lambda seconds: streams.wait(seconds, connection),
    )
    response = Response(_until_broken_off(told), mimetype=MIMETYPE)
    response.call_on_close(streams.give_back)
    response.headers["X-Accel-Buffering"] = "no"  # or nginx holds it back
    return response


def _told_again(names: Sequence[str]) -> Telling | None:
    """Tell parts to whoever is signed in by now; None if they can't be seen any more."""
    try:
        return tell(names) if current_user.is_authenticated else None
    except AppError:
        return None


def _until_broken_off(told: Iterator[str]) -> Iterator[str]:
    """Yield events as long as the database answers; the browser comes back."""
    try:
        yield from told
    except SQLAlchemyError as error:
        log.error("stream_broken_off", exc_info=error)
