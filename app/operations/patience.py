"""Ask several things at once, and wait for none of them longer than there is time."""

from __future__ import annotations

import contextvars
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

import structlog
from flask import Flask

T = TypeVar("T")

log = structlog.get_logger(__name__)


class Patience(Generic[T]):
    """Questions that are asked on threads of their own; whoever asks what is being asked waits for the same answer.

    So however often, and by however many, a database is asked that says nothing, one thread hangs; and as it is none
    that the end of the process waits for, that is all that hangs.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._asking: dict[str, _Asking[T]] = {}

    def ask(self, app: Flask, questions: Mapping[str, Callable[[], T]]) -> dict[str, T]:
        """Return the answers by name; those are missing that came too late, or were errors."""
        until = time.monotonic() + self._seconds
        asking = {name: self._begin(app, name, ask) for name, ask in questions.items()}
        found: dict[str, T] = {}
        for name, one in asking.items():
            if not one.over.wait(max(0.0, until - time.monotonic())):
                log.error("not_answered_in_time", question=name)
            found.update(one.answer)
        return found

    def _begin(self, app: Flask, name: str, ask: Callable[[], T]) -> _Asking[T]:
        with self._lock:
            if (asking := self._asking.get(name)) is None or asking.over.is_set():
                asking = self._asking[name] = _Asking(name, ask)
                asking.start(app)
            return asking


class _Asking(Generic[T]):
    """A question that is being asked."""

    def __init__(self, name: str, ask: Callable[[], T]) -> None:
        self._name, self._ask = name, ask
        self.answer: dict[str, T] = {}
        self.over = threading.Event()

    def start(self, app: Flask) -> None:
        """Ask, on a thread of its own."""
        context = contextvars.copy_context()  # the log names the request
        threading.Thread(target=context.run, args=(self._run, app), name=f"asks {self._name}", daemon=True).start()

    def _run(self, app: Any) -> None:
        try:
            with app.app_context():
                self.answer = {self._name: self._ask()}
        except Exception:  # whatever it raises, the others are answered; the log tells of it
            log.exception("not_answered", question=self._name)
        finally:
            self.over.set()
