"""How much of a request is read: a view that takes more than one photograph is marked with its own limit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from flask import Flask, current_app, request

from config import Settings

MARK = "takes_up_to"

View = TypeVar("View", bound=Callable[..., Any])


class Size(NamedTuple):
    """The largest request in bytes, and the most fields and files in it."""

    bytes: int
    parts: int


def takes_up_to(size: Callable[[Settings], Size]) -> Callable[[View], View]:
    """Mark a view as one that takes larger requests, as the settings say."""

    def marked(view: View) -> View:
        setattr(view, MARK, size)
        return view

    return marked


def init_app(app: Flask) -> None:
    """Set the limits before anything reads a form; behind the gate, so that nobody anonymous has larger ones."""
    app.before_request(_allow)


def _allow() -> None:
    size = getattr(current_app.view_functions.get(request.endpoint or ""), MARK, None)
    if size is not None:
        request.max_content_length, request.max_form_parts = size(current_app.config["SETTINGS"])
