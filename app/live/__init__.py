"""Parts of a page that change while somebody looks: told by server-sent events where there is room, else asked for.

A feature says what a part shows now; its page marks the place, and `static/js/live.js` keeps it up to date::

    @live_part("batch")
    def progress(public_id: str) -> Part:
        return drawn("batches/_progress.html", last=..., progress=...)

    <div data-live="batch:{{ batch.public_id }}">{% include "batches/_progress.html" %}</div>

See docs/decisions/0031 for why events come from looks at the database, and why there are only so many streams.
"""

from __future__ import annotations

from flask import Flask

from app.live.parts import Part, drawn, live_part
from app.live.streams import Streams
from app.live.views import blueprint

__all__ = ["Part", "drawn", "init_app", "live_part"]


def init_app(app: Flask) -> None:
    """Register the address of the parts, and keep room for as many streams as the settings say."""
    app.extensions["live"] = Streams(app.config["SETTINGS"].live_streams)
    app.register_blueprint(blueprint)
