"""Who is let in when there is more to do than can be done: pages go on, and photographs wait, or come again later.

A request for a page waits for one of the turns of pages. One that brings a file has a place among so many, or is
refused at once, before anything of it is read; behind the gate it gives the turn of a page back, is received as slowly
as it may come, and only then waits for one of the turns of photographs. See docs/decisions/0054.
"""

from __future__ import annotations

from flask import Flask

from app.admission import taking


def init_app(app: Flask) -> None:
    """Receive what is brought behind the gate, and only then take a turn."""
    app.before_request(taking.take_turn)
