"""The configured FHIR server, as a system that tests can be sent to."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from app.auth.tables import User
from app.interop.deliveries.destinations import FHIR, DeliveryError
from app.interop.fhir.bundle import bundle_of
from app.interop.fhir.elements import Resource
from app.interop.fhir.outcomes import parsed
from app.results.tables import Analysis
from app.storage import Storage
from config import Settings

LOCATION = re.compile(r"(?:.*/)?(DiagnosticReport/[A-Za-z0-9.-]{1,64})(?:/_history/[A-Za-z0-9.-]{1,64})?")
NOT_TAKEN = "The server took a part of the record only. Please tell your administrator."


@dataclass(frozen=True, slots=True)
class FhirServer:
    """A FHIR R4 server to which bundles are posted as transactions."""

    settings: Settings
    url: str
    token: str | None = field(repr=False)
    name: str = FHIR

    @property
    def where(self) -> str:
        """The host, with the port if it is not the usual one."""
        return urlsplit(self.url).netloc

    def send(self, session: Session, storage: Storage, analysis: Analysis, user: User, /) -> str:
        """Send an analysis, and return what the server calls its report; DeliveryError, or what the bundle raises."""
        from app.interop.fhir.posting import Server, post  # noqa: PLC0415 - httpx is not needed at the web's start

        bundle = bundle_of(session, storage, user=user, analysis=analysis, settings=self.settings)
        session.rollback()  # no transaction stands open while the other side takes its time
        answer = post(Server(self.url, self.token), written(bundle))
        return _reference(parsed(answer), bundle)


def configured(settings: Settings) -> FhirServer | None:
    """Return the server that an administrator has set; None if none was."""
    return None if settings.fhir_url is None else FhirServer(settings, settings.fhir_url, settings.fhir_token)


def written(bundle: Resource) -> bytes:
    """Write a bundle as JSON."""
    return json.dumps(bundle, ensure_ascii=False, separators=(",", ":")).encode()


def _reference(answer: dict[str, Any], bundle: Resource) -> str:
    """Return what the server calls the report: its own word for it, else what we asked it to be called."""
    entries = answer.get("entry")
    responses = (
        [entry.get("response") for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
    )
    known = [response for response in responses if isinstance(response, dict)]
    if not all(str(response.get("status", "2")).startswith("2") for response in known):
        raise DeliveryError(NOT_TAKEN, permanent=True)
    places = [LOCATION.fullmatch(str(response.get("location", ""))) for response in known]
    found = next((place.group(1) for place in places if place), None)
    return found or str(bundle["entry"][0]["request"]["url"])
