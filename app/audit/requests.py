"""Record every request that is to be recorded, before its answer leaves: what can't be recorded isn't answered."""

from __future__ import annotations

from http import HTTPStatus
from typing import cast

import structlog
from flask import Flask, Response, current_app, g, request, session
from sqlalchemy.exc import SQLAlchemyError

from app.audit.covers import add_proof, is_covered
from app.audit.doing import Doing, begin, current_actor
from app.audit.events import DONE, PENDING, REFUSED, SEARCH, SIGN_IN
from app.audit.floods import Floods
from app.audit.recording import record_now
from app.audit.register import Entry, entry_of
from app.errors import AppError
from app.extensions import db
from app.metrics import SIGN_IN_FAILURES

SERVER_ERROR = 500
SECOND_STEP = "second_step"  # told of a sign-in that is not over: the password was right
# what lists can be asked for: another parameter could itself be a name that somebody has typed
ASKED = frozenset(
    {
        "action", "after", "alert", "archived", "assessment", "before", "classifier", "cursor", "date_from", "date_to",
        "diagnosis", "due", "from", "label", "lesion", "limit", "malignancy_from", "malignancy_max", "malignancy_min",
        "malignancy_to", "model", "name", "nobody", "order", "outcome", "patient", "person", "q", "site", "sort",
        "test", "text", "ticked", "to",
    }
)  # fmt: skip

log = structlog.get_logger(__name__)


def init_app(app: Flask) -> None:
    """Stand behind the gate and whatever else looks at requests, and be the first to see an answer."""
    app.extensions["audit_floods"] = Floods()
    app.before_request(_begin)
    app.after_request(_finish)
    app.url_defaults(add_proof)


def _begin() -> None:
    if request.endpoint is not None:
        begin(db.session(), entry_of(request.endpoint, request.method))


def _finish(response: Response) -> Response:
    """Answer, once that is recorded; an error in place of what can't be.

    What fails on our side shows nothing, and is told of in the application's log.
    """
    if request.endpoint is None or request.method == "OPTIONS" or response.status_code >= SERVER_ERROR:
        return response
    try:
        _record(response.status_code)
    except (SQLAlchemyError, AppError) as error:
        log.error("audit_not_written", exc_info=error)
        return _in_place_of(response, error)
    return response


def _in_place_of(response: Response, error: Exception) -> Response:
    response.close()
    session.clear()  # nobody is signed in by a request that is not recorded
    answer = current_app.make_response(current_app.handle_user_exception(error))
    if answer.status_code < SERVER_ERROR:
        raise error
    return answer


def _record(status: int) -> None:
    doing: Doing | None = g.get("audit")
    outcome = REFUSED if status >= HTTPStatus.BAD_REQUEST else DONE
    if doing is None:
        if outcome == DONE:  # the view was not reached: the person was asked for something first
            return
        doing = begin(db.session(), entry_of(request.endpoint, request.method))
    if not isinstance(doing.entry, Entry) or (doing.recorded and outcome == DONE):
        return
    if doing.actor.id is None and (actor := current_actor()).id is not None:
        doing.actor = actor  # has signed in by this request
    if doing.entry.action == SIGN_IN and outcome == DONE and current_actor().id is None:
        outcome = PENDING if doing.told.get(SECOND_STEP) else REFUSED
    if doing.entry.action == SIGN_IN and outcome == REFUSED:
        SIGN_IN_FAILURES.labels(request.endpoint).inc()
    if _is_noise(doing, doing.entry, outcome):
        return
    if doing.entry.action == SEARCH:
        doing.told["asked"] = _asked()
    if doing.actor.id is None and (dropped := _floods().dropped(doing.entry.action)):
        doing.told["unrecorded_before"] = dropped
    record_now(db.session(), doing.event(db.session(), {}, outcome, status))
    doing.recorded = True


def _is_noise(doing: Doing, entry: Entry, outcome: str) -> bool:
    """Tell whether an event says nothing that another doesn't say.

    Such are a picture of a recorded page, a part that a page asks for again and again, and what strangers send by the
    thousand.
    """
    if doing.actor.id is None:
        return _floods().is_too_much(entry.action)
    if outcome != DONE:
        return False
    return is_covered(doing) or (entry.repeated and _floods().heard(doing.actor.id, request.path))


def _asked() -> list[str]:
    """Return what a list was asked for, without what was typed."""
    return sorted({name for name, value in request.args.items(multi=True) if value and name in ASKED})


def _floods() -> Floods:
    return cast(Floods, current_app.extensions["audit_floods"])
