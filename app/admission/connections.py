"""The connections of the web server: none may hold a thread by saying nothing, or little by little."""

from __future__ import annotations

import contextlib
import socket
import sys
import time
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn.arbiter import Arbiter
from gunicorn.workers.gthread import ThreadWorker

from app.admission.doors import SMALL

HEAD_SECONDS = 10.0  # in which the head of a request has to have come
SMALL_SECONDS = 20.0  # in which a form has
FILE_SECONDS = 120.0  # in which a file has, and for each of so many bytes a second more
LEAST_RATE = 1 << 16


class PatientWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn is untyped
    """Waits for the first byte without a thread, and ends what has not come in time: the rest reads as cut off."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._until: dict[socket.socket, float] = {}  # by the moment of the monotonic clock

    def load_wsgi(self) -> None:
        """Load the site; where that ends with a sentence, as without a master key, the server ends, too.

        gunicorn would else start one process after the other for as long as it runs.
        """
        try:
            super().load_wsgi()
        except SystemExit as end:
            self.log.critical("%s", end)
            sys.exit(Arbiter.WORKER_BOOT_ERROR)

    def enqueue_req(self, conn: Any) -> None:
        """Have a request read by a thread, once there is something to read."""
        if conn.initialized or conn.data_ready:
            super().enqueue_req(conn)
            return
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + HEAD_SECONDS
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def handle(self, conn: Any) -> Any:
        """Read a request and answer it."""
        self._until[conn.sock] = time.monotonic() + HEAD_SECONDS
        try:
            return super().handle(conn)
        finally:
            self._until.pop(conn.sock, None)

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Answer a request, of which the head has come."""
        length = next((int(value) for name, value in req.headers if name == "CONTENT-LENGTH" and value.isdecimal()), -1)
        self._until[conn.sock] = time.monotonic() + seconds_for(length)
        return super().handle_request(req, conn)

    def murder_pending(self) -> None:
        """End the waiting of connections that say nothing; called once a second or more often."""
        super().murder_pending()
        moment = time.monotonic()
        for connection, until in list(self._until.items()):
            if until < moment:
                self._until.pop(connection, None)
                with contextlib.suppress(OSError):  # gone meanwhile
                    connection.shutdown(socket.SHUT_RD)


def seconds_for(length: int) -> float:
    """Return in how many seconds so many bytes have to come; -1 stands for as many as it may be."""
    return SMALL_SECONDS if 0 <= length <= SMALL else FILE_SECONDS + length / LEAST_RATE
