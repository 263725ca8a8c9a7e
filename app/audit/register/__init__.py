"""The register: what is recorded of every endpoint, job and command, in one place.

A test fails for an endpoint that isn't in it, and for an entry without an endpoint.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from app.audit.register.api import API
from app.audit.register.elsewhere import BOOKKEEPING, COMMANDS, JOBS, OTHERWISE, PROGRESS
from app.audit.register.entries import EMPTY, SAFE, Entry, Registered, Unrecorded, when_looked_at
from app.audit.register.site import SITE

__all__ = [
    "BOOKKEEPING",
    "ENDPOINTS",
    "PROGRESS",
    "SAFE",
    "Entry",
    "Registered",
    "Unrecorded",
    "entry_of",
    "job_or_command",
    "words_of",
]

ENDPOINTS: Mapping[str, Registered] = MappingProxyType({**SITE, **API})


def entry_of(endpoint: str | None, method: str) -> Registered:
    """Return what a request is; one without endpoint finds nothing, and one that isn't registered is `EMPTY`."""
    entry = ENDPOINTS.get(endpoint or "", EMPTY)
    return when_looked_at(entry) if method in SAFE else entry


def job_or_command(name: str) -> Entry:
    """Return what a job or a command does."""
    return JOBS.get(name) or COMMANDS.get(name) or OTHERWISE


def words_of(action: str, operation: str) -> str:
    """Return what somebody did in words that follow a name; general ones for an operation that there was once."""
    entry = ENDPOINTS.get(operation) or job_or_command(operation)
    if isinstance(entry, Unrecorded):
        return OTHERWISE.words
    if entry.action != action:
        entry = when_looked_at(entry)
    return entry.words if isinstance(entry, Entry) else OTHERWISE.words
