"""Record what is done with the master keys: these commands lie below the log, so that it looks at them from above."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask.cli import with_appcontext

from app.audit.events import OPERATE, Event
from app.audit.recording import record_now
from app.extensions import db
from app.storage.cli import keys

RECORDED = ("rotate", "seal", "retire")


def _recorded(name: str, run: Callable[..., Any]) -> Callable[..., Any]:
    @with_appcontext
    @wraps(run)
    def recorded(*args: Any, **options: Any) -> Any:
        record_now(db.session(), Event(OPERATE, f"keys {name}", channel="command"))
        return run(*args, **options)

    return recorded


for _name in RECORDED:
    _command = keys.commands[_name]
    assert _command.callback is not None  # noqa: S101 - as click has it for commands that do something
    _command.callback = _recorded(_name, _command.callback)
