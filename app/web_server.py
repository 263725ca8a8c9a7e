"""Settings of gunicorn: ``gunicorn --config python:app.web_server wsgi:app``."""

from __future__ import annotations

from typing import Any

from app.memory import return_large_blocks
from config import settings_or_exit

_settings = settings_or_exit()
return_large_blocks()  # the processes that are forked inherit it

bind = f"{_settings.host}:{_settings.port}"
workers = _settings.web_workers
threads = _settings.web_threads + _settings.live_streams  # so that streams leave the pages theirs
worker_class = "gthread"
preload_app = False  # each process opens its own database and loads its own classifier
timeout = 60
graceful_timeout = 8
keepalive = 5
loglevel = "warning"
forwarded_allow_ips = ""  # proxies are believed by the setting trusted_proxies, and nowhere else
control_socket_disable = True


def post_worker_init(worker: Any) -> None:
    """Have the open streams end as soon as the process is told to stop, so that nobody waits for them."""
    worker.wsgi.extensions["live"].stopping = lambda: not worker.alive
