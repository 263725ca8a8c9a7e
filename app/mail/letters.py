"""The kinds of letters, by name: each is written when it is sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.mail.tables import OutgoingMail


@dataclass(frozen=True, slots=True)
class Letter:
    """What somebody is told: a subject of one line, and plain text."""

    subject: str
    text: str


Writer = Callable[[Session, OutgoingMail], Letter | None]
LETTERS: dict[str, Writer] = {}


def letter(kind: str) -> Callable[[Writer], Writer]:
    """Make a function the writer of a kind of letter; it returns None if there is nothing to be sent after all."""

    def kept(writer: Writer) -> Writer:
        if kind in LETTERS:
            raise ValueError(f"there is a letter called {kind} already")
        LETTERS[kind] = writer
        return writer

    return kept
