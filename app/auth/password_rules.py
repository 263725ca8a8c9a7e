"""What a password has to be: long enough, and none of those that are guessed first (NIST SP 800-63B-4, 3.1.1.2)."""

from __future__ import annotations

from collections.abc import Iterable

from app.auth.guessable import is_guessable

SHORTEST_PASSWORD = 15  # of one that opens an account by itself
LONGEST_PASSWORD = 256
OUR_NAME = "Lentigo"
ADVICE = f"At least {SHORTEST_PASSWORD} characters. A few words that have nothing to do with each other will do."
GUESSABLE = (
    "This is too easy to guess: little more than common passwords, rows of keys, repetitions or names. "
    "Please choose another; a few words that have nothing to do with each other will do."
)


def objection(password: str, *, names: Iterable[str]) -> str | None:
    """Return why a password can't be taken, as a sentence; None if it can. `names` are those around the person."""
    if len(password) < SHORTEST_PASSWORD:
        return f"Please use at least {SHORTEST_PASSWORD} characters."
    if len(password) > LONGEST_PASSWORD:
        return f"Please use at most {LONGEST_PASSWORD} characters."
    return GUESSABLE if is_guessable(password, (OUR_NAME, *names)) else None
