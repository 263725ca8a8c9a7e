"""The systems that something can be sent to: those that an administrator has configured, and no others."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol, cast

from flask import Flask, current_app
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.errors import AppError, NotFoundError
from app.results.tables import Analysis
from app.storage import Storage

FHIR, PACS = "fhir", "pacs"
KINDS: Mapping[str, str] = MappingProxyType({FHIR: "Record system (FHIR)", PACS: "Image archive (PACS)"})
EXTENSION = "destinations"


class DeliveryError(AppError):
    """An analysis could not be sent; the message is a sentence without identifiers.

    Another attempt follows unless the failure is `permanent`, and not before `retry_after` seconds where the other side
    asked for that.
    """

    status = 502
    title = "It could not be sent"

    def __init__(self, message: str, *, permanent: bool, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.retry_after = retry_after


class Destination(Protocol):
    """A configured system; `name` is a code of KINDS, `where` what people know it by, such as its host."""

    @property
    def name(self) -> str:
        """Code of the kind."""

    @property
    def where(self) -> str:
        """Name of the system for people, without secrets."""

    def send(self, session: Session, storage: Storage, analysis: Analysis, user: User, /) -> str:
        """Send an analysis as `user` may see it, and return what the other side calls it; DeliveryError.

        Sent twice it must be there once. It ends well within `working.LEASE`, writes nothing to the database, and
        commits nothing.
        """


def init_app(app: Flask) -> None:
    """Give the application its destinations: none yet."""
    app.extensions[EXTENSION] = {}


def register(app: Flask, destination: Destination) -> None:
    """Let analyses be sent to a system; ValueError if there is one of its kind already, or no such kind."""
    known: dict[str, Destination] = app.extensions[EXTENSION]
    if destination.name not in KINDS or destination.name in known:
        raise ValueError(f"{destination.name} can't be registered")
    known[destination.name] = destination


def current_destinations() -> Mapping[str, Destination]:
    """Return the configured systems by the code of their kind."""
    return cast(Mapping[str, Destination], current_app.extensions[EXTENSION])


def destination_called(name: str) -> Destination:
    """Return a configured system; NotFoundError if there is none of that kind."""
    found = current_destinations().get(name)
    if found is None:
        raise NotFoundError("Nothing can be sent there: no such system is configured.")
    return found
