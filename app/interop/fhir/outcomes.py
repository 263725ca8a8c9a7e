"""What a FHIR server says went wrong, as a sentence without anything that could name a patient.

An `OperationOutcome` may quote what it was sent. So only its codes are read, which are of a closed list, and where in
the resource the fault lies, if that is no more than the names of elements.
"""

from __future__ import annotations

import json
import re
from typing import Any

# https://hl7.org/fhir/R4/valueset-issue-type.html
ISSUES = {
    "invalid": "its content is not valid",
    "structure": "its structure is not valid",
    "required": "a required element is missing",
    "value": "an element has a value that is not valid",
    "invariant": "a rule of its profile is not met",
    "security": "access was refused",
    "login": "the token was not accepted",
    "expired": "the token has expired",
    "forbidden": "the token does not allow this",
    "processing": "it could not be processed",
    "not-supported": "it does not support this",
    "duplicate": "there is such a record already",
    "multiple-matches": "there is more than one such record",
    "not-found": "something that it refers to was not found",
    "too-long": "it is too large",
    "code-invalid": "a code is not known there",
    "business-rule": "a rule of the server is not met",
    "conflict": "somebody else changed the record at the same time",
    "transient": "the server is not able to at the moment",
    "lock-error": "the record is locked at the moment",
    "timeout": "the server took too long",
    "throttled": "the server is too busy",
    "exception": "the server failed",
}
PLACE = re.compile(r"[A-Za-z]{1,40}(?:\[\d{1,4}\])?(?:\.[A-Za-z]{1,40}(?:\[\d{1,4}\])?){0,12}")
GRAVE = ("fatal", "error")


def fault(body: bytes) -> str:
    """Return what an `OperationOutcome` names first as an error, inside a sentence; nothing if it names none."""
    for issue in _issues(body):
        words = ISSUES.get(str(issue.get("code")))
        if words and issue.get("severity") in GRAVE:
            place = _place(issue)
            return f"{words}, at {place}" if place else words
    return ""


def parsed(body: bytes) -> dict[str, Any]:
    """Return a JSON object; an empty one if it is none."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _issues(body: bytes) -> list[dict[str, Any]]:
    issues = parsed(body).get("issue")
    return [issue for issue in issues if isinstance(issue, dict)] if isinstance(issues, list) else []


def _place(issue: dict[str, Any]) -> str:
    places = issue.get("expression")
    first = places[0] if isinstance(places, list) and places else None
    return first if isinstance(first, str) and PLACE.fullmatch(first) else ""
