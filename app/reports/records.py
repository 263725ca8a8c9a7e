"""What is handed to be issued: a document of any kind, and what it was made from."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Protocol

from app.inference import Card
from app.results.report.issue import Issue


class Document(Protocol):
    """What a report says and shows, and how it is drawn."""

    @property
    def text(self) -> str:
        """All of it as canonical JSON."""

    def drawn(self, issue: Issue) -> bytes:
        """Return the PDF file; the same issue gives the same bytes."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The classifier that answered; `preprocessing` and `network_sha256` are None where its version isn't installed."""

    classifier: str
    preprocessing: str | None
    network_sha256: str | None


def origin(name: str, version: str, card: Card | None) -> Origin:
    """Say what an answer was made by; `card` is that of the version that made it."""
    if card is None:
        return Origin(f"{name} {version}", None, None)
    files = json.dumps(dict(card.files), sort_keys=True, separators=(",", ":"))
    views = "1 view" if card.views == 1 else f"{card.views} views"
    return Origin(
        classifier=f"{name} {version}",
        preprocessing=f"{card.scaling}, {card.input_px} px, {views}",
        network_sha256=sha256(files.encode()) if card.files else None,
    )


def sha256(content: bytes) -> str:
    """Return the SHA-256 of a content, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()
