"""Views that pages ask for by themselves: a request for them does not mean that anybody is at work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

MARK = "unattended"

View = TypeVar("View", bound=Callable[..., Any])


def unattended(view: View) -> View:
    """Mark a view that scripts ask for again and again: it keeps no idle session alive."""
    setattr(view, MARK, True)
    return view


def is_unattended(view: Callable[..., Any] | None) -> bool:
    """Tell whether a view is marked so."""
    return getattr(view, MARK, False) is True
