"""What the queue lies on, by its address: a SQLite file, Redis or PostgreSQL; or memory, where jobs run at once."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from huey import Huey, MemoryHuey

from app.jobs.serializer import JsonSerializer

if TYPE_CHECKING:
    from config import Settings

NAME = "lentigo"
START_IT = "Start its server, or correct LENTIGO_QUEUE_URL: what it held is done again."
BY_SCHEME = {"redis": "redis", "rediss": "redis", "postgresql+psycopg": "postgresql"}


class Engine(Protocol):
    """Opens a queue, and tells whether it takes anything."""

    remote: bool  # reached over a network, where waiting in vain takes seconds
    errors: tuple[type[Exception], ...]  # what an engine that is away, locked, full or damaged raises
    advice: str  # to whoever starts a worker in vain

    def open(self) -> Huey:
        """Return the queue; one of `errors` if it can't be used."""

    def probe(self, huey: Huey) -> None:
        """Raise one of `errors` if no job could be sent now."""


class Memory:
    """Runs each job when it is sent: for tests."""

    remote = False
    errors: tuple[type[Exception], ...] = ()
    advice = ""

    def open(self) -> Huey:
        """Return a queue that is always empty."""
        return MemoryHuey(NAME, immediate=True, results=False, serializer=JsonSerializer())

    def probe(self, _huey: Huey) -> None:
        """Find nothing wrong."""


def engine_of(settings: Settings) -> Engine:
    """Return what the settings name; in tests that name nothing, jobs run at once."""
    if settings.queue_url is None and settings.environment == "testing":
        return Memory()
    scheme = "" if settings.queue_url is None else urlsplit(settings.queue_url).scheme
    module = import_module(f"{__name__}.{BY_SCHEME.get(scheme, 'sqlite')}")
    choose: Callable[[Settings], Engine] = module.engine
    return choose(settings)
