"""Traces: which steps a request or a job took, and for how long, for a receiver that is set; off unless one is.

A step is traced where it is taken; its attributes are words and numbers of ours, never text that somebody has typed::

    with span("classify", model=card.name): ...
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

__all__ = ["Attribute", "Span", "Tracer", "carried", "is_traced", "span", "traced_by"]

Attribute = str | int | float | bool


class Tracer(Protocol):
    """What makes spans: see `app.tracing.telemetry`."""

    def span(
        self,
        name: str,
        kind: str,
        attributes: Mapping[str, Attribute],
        came_from: Mapping[str, str],
        linked: Mapping[str, str],
    ) -> AbstractContextManager[Span]:
        """Run what follows as a step."""

    def carried(self) -> dict[str, str]:
        """Return what tells another process which step this is a part of."""


class Span(Protocol):
    """A step that is under way."""

    def tell(self, **attributes: Attribute) -> None:
        """Add what is known only now; `_` of names stand as they are, `__` for dots."""

    def rename(self, name: str) -> None:
        """Call the step what is known only now."""


class _Untraced:
    def tell(self, **_attributes: Attribute) -> None:
        """Tell nobody."""

    def rename(self, _name: str) -> None:
        """Tell nobody."""


class _Tracing:
    by: Tracer | None = None


def traced_by(tracer: Tracer | None) -> None:
    """Have the steps of this process traced, or no longer."""
    _Tracing.by = tracer


def is_traced() -> bool:
    """Tell whether steps of this process are traced."""
    return _Tracing.by is not None


def carried() -> dict[str, str]:
    """Return what a message takes along to another process, in the form of W3C Trace Context; empty without tracing."""
    return {} if _Tracing.by is None else _Tracing.by.carried()


@contextmanager
def span(
    name: str,
    kind: str = "internal",
    came_from: Mapping[str, str] | None = None,
    linked: Mapping[str, str] | None = None,
    **attributes: Attribute,
) -> Iterator[Span]:
    """Run what follows as a step of a trace, if there is tracing; names of attributes are as `Span.tell` takes them.

    `came_from` is what another process has sent along, of which this is a part; `linked` what this goes back to.
    """
    if _Tracing.by is None:
        yield _Untraced()
        return
    with _Tracing.by.span(name, kind, attributes, came_from or {}, linked or {}) as under_way:
        yield under_way
