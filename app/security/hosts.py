"""Under which names the site answers, and that it does so over HTTPS where it is set: asked before anything else is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from http import HTTPStatus
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import structlog
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Request, Response

from app.security.gate import API
from app.security.headers import REFUSAL, strict_transport
from config import Settings

# asked on this machine or by an orchestrator, which know no name of it
PROBES = frozenset({"/healthz", "/metrics", "/readyz"})
NAME = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::[0-9]{1,5})?", re.IGNORECASE | re.ASCII)
UNKNOWN = "This site is not known under that name. Please use the address that your clinic gave you.\n"
PLAIN = "This site is reached over HTTPS only. What was sent was not read, but it has travelled unprotected.\n"

log = structlog.get_logger(__name__)


def init_app(app: Flask) -> None:
    """Stand before the application; behind the proxies that it is set to believe, and no further one."""
    settings = app.config["SETTINGS"]
    app.wsgi_app = AtTheDoor(app.wsgi_app, settings)  # type: ignore[method-assign]  # as Flask means it
    if hops := settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]  # as above


def name_of(host: str) -> str | None:
    """Return the name in a Host header, without the port; None if it is none."""
    found = NAME.fullmatch(host)
    return found[1].lower().strip("[]") if found else None


class AtTheDoor:
    """Turns away what was sent to another host, and what comes over plain HTTP where there is HTTPS."""

    def __init__(self, site: WSGIApplication, settings: Settings) -> None:
        self._site = site
        self._hosts = settings.hosts
        self._https = settings.https
        self._strict_transport = strict_transport(settings)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, or have the site do so."""
        refusal = self._refusal(environ)
        return self._site(environ, start_response) if refusal is None else refusal(environ, start_response)

    def _refusal(self, environ: WSGIEnvironment) -> Response | None:
        if environ.get("PATH_INFO") in PROBES:
            return None
        name = name_of(environ.get("HTTP_HOST", ""))
        if name is None or (self._hosts is not None and name not in self._hosts):
            log.warning("host_refused")  # without the name: it may be anything
            return self._protected(Response(UNKNOWN, HTTPStatus.BAD_REQUEST))
        if self._https and environ["wsgi.url_scheme"] != "https":
            return self._protected(_to_https(Request(environ)))
        return None

    def _protected(self, response: Response) -> Response:
        response.headers.update(REFUSAL)
        if self._https:
            response.headers["Strict-Transport-Security"] = self._strict_transport
        return response


def _to_https(request: Request) -> Response:
    """Lead a person who types an address on; refuse forms and programs, whose secrets would go in the clear again."""
    if request.method not in {"GET", "HEAD"} or request.path.startswith(API):
        return Response(PLAIN, HTTPStatus.FORBIDDEN)
    return Response(
        status=HTTPStatus.PERMANENT_REDIRECT, headers={"Location": "https" + request.url.removeprefix("http")}
    )
