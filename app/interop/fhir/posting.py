"""A bundle sent to a FHIR server: within limits of time and size, to that server and to no other."""

from __future__ import annotations

import logging
import ssl
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from app.clock import now
from app.interop.deliveries.destinations import DeliveryError
from app.interop.fhir.outcomes import fault

JSON = "application/fhir+json"
LIMITS = httpx.Timeout(20, connect=10)  # seconds without a sign of life
LONGEST = 120.0  # seconds for an answer, however alive it is
LARGEST = 1024 * 1024  # bytes that are read of an answer
PASSING = frozenset({408, 409, 423, 425, 429})  # and all from 500 on
OK, REDIRECT, REFUSED, SERVER_ERROR = 200, 300, 400, 500

LATE = "The server did not answer in time."
UNREACHABLE = "The server can't be reached, or no secure connection to it can be made."
CUT_OFF = "The connection was cut off before the server had answered."
REDIRECTED = "The server redirects to another address, which is not followed. Please tell your administrator."
UNKNOWN = "The server does not know this address. Please tell your administrator."
UNAUTHORISED = "The server does not accept our access token. Please tell your administrator."
REASONS = {401: UNAUTHORISED, 403: UNAUTHORISED, 404: UNKNOWN, 405: UNKNOWN, 410: UNKNOWN}
AGAIN = "The server can't take it at the moment"
REFUSAL = "The server refused the record"

for library in ("httpx", "httpcore"):
    logging.getLogger(library).setLevel(logging.WARNING)  # they tell of each request, and what the server says to it


@dataclass(frozen=True, slots=True)
class Server:
    """Where to send, and the bearer token, None where none is asked for."""

    url: str
    token: str | None


def post(server: Server, content: bytes) -> bytes:
    """Send a bundle and return the body of an answer that says it was taken; DeliveryError otherwise.

    No proxy is used, no redirect followed; certificates are checked against those that this machine trusts.
    """
    headers = {"Content-Type": JSON, "Accept": JSON, "Accept-Encoding": "identity", "Prefer": "return=minimal"}
    if server.token is not None:
        headers["Authorization"] = f"Bearer {server.token}"
    try:
        with (
            httpx.Client(timeout=LIMITS, verify=ssl.create_default_context(), trust_env=False) as client,
            client.stream("POST", server.url, content=content, headers=headers) as response,
        ):
            body = _read(response)
    except httpx.TimeoutException as error:
        raise DeliveryError(LATE, permanent=False) from error
    except httpx.ConnectError as error:
        raise DeliveryError(UNREACHABLE, permanent=False) from error
    except httpx.HTTPError as error:
        raise DeliveryError(CUT_OFF, permanent=False) from error
    _require_taken(response, body)
    return body


def _read(response: httpx.Response) -> bytes:
    """Return the beginning of an answer, which is all that is looked at; ReadTimeout if it trickles in for ever."""
    until, body = time.monotonic() + LONGEST, bytearray()
    for chunk in response.iter_raw():
        body += chunk
        if len(body) >= LARGEST:
            break
        if time.monotonic() > until:
            raise httpx.ReadTimeout("the answer takes too long", request=response.request)
    return bytes(body[:LARGEST])


def _require_taken(response: httpx.Response, body: bytes) -> None:
    status = response.status_code
    if OK <= status < REDIRECT:
        return
    if status < REFUSED:
        raise DeliveryError(REDIRECTED, permanent=True)
    why = fault(body)
    if status in PASSING or status >= SERVER_ERROR:
        after = _retry_after(response.headers.get("Retry-After"))
        raise DeliveryError(_sentence(AGAIN, why, status), permanent=False, retry_after=after)
    raise DeliveryError(REASONS.get(status) or _sentence(REFUSAL, why, status), permanent=True)


def _sentence(words: str, why: str, status: int) -> str:
    return f"{words}: {why} (status {status})." if why else f"{words} (status {status})."


def _retry_after(value: str | None) -> float | None:
    """Return for how many seconds a server wants to be left alone; None if it doesn't say, or not in words we know."""
    if value is None:
        return None
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, _seconds(aware))


def _seconds(moment: datetime) -> float:
    return (moment - now()).total_seconds()
