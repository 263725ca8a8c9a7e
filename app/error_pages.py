"""The one place that turns errors into pages, a sentence for our scripts, or problem details (RFC 9457) under /api."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import structlog
from flask import Flask, Response, current_app, g, json, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from app.errors import AppError, Remedy
from app.extensions import db, login_manager
from app.security.gate import by_token
from app.security.scripts import by_script

DATABASE_RETRY_SECONDS = 5
DEFAULT_TITLE = "Something went wrong"
WORDS = {
    400: ("This request could not be read", "The request could not be read. Please go back and try again."),
    401: ("Please sign in", "You need to sign in for this."),
    403: ("Not allowed", "You are not allowed to do this."),
    404: ("Not found", "There is no such page, or it is not yours."),
    405: ("Not possible here", "This page can't be used in this way. Please go back and try again."),
    500: (DEFAULT_TITLE, "Something went wrong on our side. Nothing was stored. Please try again."),
}

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Problem:
    """What a person is told: a status, a heading, a sentence, headers that go with them, and a way out.

    `kind` and `details` are for programs: see `errors.AppError`.
    """

    status: int
    title: str
    message: str
    headers: dict[str, str] = field(default_factory=dict)
    remedy: Remedy | None = None
    kind: str | None = None
    details: dict[str, Any] = field(default_factory=dict)


def init_app(app: Flask) -> None:
    """Answer every error of the application with a page."""
    app.register_error_handler(AppError, _app_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(RequestEntityTooLarge, _too_large)
    for database_error in (OperationalError, InterfaceError, PoolTimeoutError):
        app.register_error_handler(database_error, _database_error)
    for overtaken in (IntegrityError, StaleDataError):
        app.register_error_handler(overtaken, _overtaken)


def _app_error(error: AppError) -> Response:
    return _answer(
        Problem(error.status, error.title, error.message, error.headers, error.remedy, error.kind, error.details)
    )


def _http_error(error: HTTPException) -> Response:
    """Keep a redirect or a finished answer; put the rest, unexpected errors too, into our own words."""
    original = error.get_response()
    status = original.status_code
    if error.response is not None or status < HTTPStatus.BAD_REQUEST:
        return make_response(original)
    title, message = WORDS.get(status, (_phrase(status), WORDS[400][1]))
    kept = {name: original.headers[name] for name in ("Allow", "Retry-After") if name in original.headers}
    return _answer(Problem(status, title, message, kept))


def _stale_form(_error: CSRFError) -> Response:
    message = "This form has expired. Please go back, reload the page and send it again."
    return _answer(Problem(400, "This form has expired", message))


def _too_large(_error: RequestEntityTooLarge) -> Response:
    limit = current_app.config["SETTINGS"].upload_megabytes
    message = f"The file is too large: photographs may have up to {limit} MB."
    return _answer(Problem(413, "This file is too large", message))


def _database_error(error: Exception) -> Response:
    log.error("database_unavailable", exc_info=error)
    g._login_user = login_manager.anonymous_user()  # so that the page doesn't ask the database who is looking
    g.demonstration = False  # nor what it shows
    message = "The database is busy or can't be reached. Please try again in a moment."
    headers = {"Retry-After": str(DATABASE_RETRY_SECONDS)}
    return _answer(Problem(503, "Please try again in a moment", message, headers))


def _overtaken(error: Exception) -> Response:
    """Say that somebody else was quicker: what was to be changed went, or came, in the same moment."""
    log.warning("overtaken", exc_info=error)
    message = "Somebody else changed or removed this at the same moment. Nothing was stored. Please look at it again."
    return _answer(Problem(409, "This has changed in the meantime", message))


def _answer(problem: Problem) -> Response:
    db.session.rollback()  # half a change must not be seen by the page, nor be committed by what comes after
    response = _suited_to_the_asker(problem)
    response.status_code = problem.status
    response.headers.update(problem.headers)
    return response


def _suited_to_the_asker(problem: Problem) -> Response:
    if by_token():
        return _problem_details(problem)
    return jsonify(error=problem.message) if by_script() else _page(problem)


def _page(problem: Problem) -> Response:
    page = render_template(
        "errors/error.html",
        status=problem.status,
        title=problem.title,
        message=problem.message,
        remedy=problem.remedy,
        request_id=g.get("request_id"),
    )
    return make_response(page)


def _problem_details(problem: Problem) -> Response:
    details = {
        "type": "about:blank" if problem.kind is None else f"/api/docs#{problem.kind}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.message,
        "instance": request.path,
        **problem.details,
    }
    return Response(json.dumps(details), mimetype="application/problem+json")


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return DEFAULT_TITLE
