"""Who asks: a browser that goes to a page, or one of our scripts that reads the answer itself."""

from __future__ import annotations

from flask import request

HEADER = "X-Requested-With"
FETCH = "fetch"  # sent by a page that is looked at
QUEUE = "queue"  # sent for a photograph that has waited on the device, perhaps with nobody looking


def by_script() -> bool:
    """Tell whether one of our scripts asks, which is answered in JSON."""
    return request.headers.get(HEADER) in (FETCH, QUEUE)


def from_queue() -> bool:
    """Tell whether what is sent has waited on the device: no page follows that could show a message."""
    return request.headers.get(HEADER) == QUEUE
