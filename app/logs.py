"""Logs: one line per event, JSON in production and readable elsewhere, without a person's data."""

from __future__ import annotations

import logging
import re
import secrets
import sys
import time
from collections.abc import MutableMapping
from typing import Any

import structlog
from flask import Flask, current_app, g, request
from structlog.stdlib import ProcessorFormatter
from structlog.types import Processor
from werkzeug.wrappers import Response

from app.tracebacks import ExcInfo, without_words

HANDLER = "lentigo"
REQUEST_ID = "X-Request-ID"
PERSONAL = frozenset({"email", "name", "note", "password", "patient", "patient_key", "patient_name", "token"})
EMAIL = re.compile(r"[^\s@<>\"'(),:;=]+@[^\s@<>\"'(),:;=]+")
HIDDEN = "[hidden]"
UNKNOWN = "[no page]"
CONVERTER = re.compile(r"<[a-z_]+:")  # before the name of a variable
RANDOM_ID = re.compile(r"[A-Za-z0-9_-]{22}")
GIVEN_ID = re.compile(r"[0-9a-f]{16,32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")  # of proxies

log = structlog.get_logger(__name__)


def init_app(app: Flask) -> None:
    """Write logs as the environment wants them, and one line for each request."""
    settings = app.config["SETTINGS"]
    structlog.configure(
        processors=[*_shared(), ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    if settings.environment != "testing":  # tests look at the records themselves
        _write_to_stderr(settings.log_level, as_json=settings.environment == "production")
    app.log_exception = _log_exception  # type: ignore[method-assign]  # Flask's own writes the address as it was typed
    app.before_request(_name_request)
    app.after_request(_log_request)


def hide_personal(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blank what names a person, and whatever looks like an e-mail address, wherever it stands."""
    for key, value in event.items():
        if key in PERSONAL:
            event[key] = HIDDEN
        elif isinstance(value, str):
            event[key] = EMAIL.sub(HIDDEN, value)
    return event


def _shared() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def _write_to_stderr(level: str, *, as_json: bool) -> None:
    """Send everything, other libraries' lines too, through one handler; calling again replaces it."""
    last: Processor = (
        structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    handler = logging.StreamHandler()
    handler.name = HANDLER
    handler.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=_shared(),
            processors=[
                ProcessorFormatter.remove_processors_meta,
                structlog.processors.ExceptionRenderer(without_words),
                hide_personal,
                last,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [other for other in root.handlers if other.name != HANDLER] + [handler]
    root.setLevel(level)


def _name_request() -> None:
    g.request_id = _named_before() or secrets.token_hex(8)
    g.began = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _named_before() -> str | None:
    """Return the id that a proxy gives the request: only where proxies are believed, and if it can't be a name."""
    given = request.headers.get(REQUEST_ID, "")
    believed = current_app.config["SETTINGS"].trusted_proxies > 0
    return given if believed and GIVEN_ID.fullmatch(given) else None


def _log_request(response: Response) -> Response:
    """Log what was asked for and how it went; never the query, which may hold a patient's name."""
    response.headers[REQUEST_ID] = g.request_id
    if request.endpoint != "static":
        log.info(
            "request",
            method=request.method,
            path=_path(),
            status=response.status_code,
            milliseconds=round(1000 * (time.perf_counter() - g.began)),
        )
    return response


def _log_exception(exc_info: ExcInfo) -> None:
    log.error("exception", method=request.method, path=_path(), exc_info=exc_info)


def _path() -> str:
    """Return the address, of which only random ids are written: whatever else somebody has typed may be a name."""
    if request.url_rule is None:
        return UNKNOWN
    ids = {f"<{name}>": str(value) for name, value in (request.view_args or {}).items()}
    rule = CONVERTER.sub("<", request.url_rule.rule)
    for variable, value in ids.items():
        rule = rule.replace(variable, value) if RANDOM_ID.fullmatch(value) else rule
    return rule
