"""The application on a free port of this machine, for browsers and other programs."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask
from werkzeug.serving import make_server


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve an application; the value is its origin."""
    server = make_server("127.0.0.1", 0, _with_files_closed(app), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def _with_files_closed(app: Flask) -> WSGIApplication:
    """Read files before they are sent: Werkzeug's server leaves them open if the browser hangs up at the wrong moment.

    It reads what is left of the request before it closes what it sends, and an error there is the end of it.
    """

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        answered = app(environ, start_response)
        if not environ["PATH_INFO"].startswith("/static/"):
            return answered
        try:
            return list(answered)
        finally:
            if hasattr(answered, "close"):
                answered.close()

    return answer
