"""What the database finds names by without knowing them: keyed digests of a whole name, and of how its words begin."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from base64 import urlsafe_b64encode
from collections.abc import Sequence

KEY_BYTES, MARK_BYTES = 16, 8
SHORTEST, LONGEST = 2, 6  # letters of a beginning that is marked


def folded(name: str) -> str:
    """Return a name as names are compared and sorted: NFKC, case-folded, single spaces."""
    once = unicodedata.normalize("NFKC", name).casefold()
    return " ".join(unicodedata.normalize("NFKC", once).split())


def words_of(name: str) -> list[str]:
    """Return the words of a name, folded: what stands between blanks, hyphens and other signs."""
    return "".join(each if _of_a_word(each) else " " for each in folded(name)).split()


class NameIndex:
    """The digests of one clinic's names; in another clinic the same name has others."""

    def __init__(self, secret: bytes, clinic_id: int) -> None:
        self._secret = secret
        self._clinic = str(clinic_id).encode()

    def key(self, name: str) -> str:
        """Return what a name is known by, however it is spelt: 128 bits, 22 characters."""
        return urlsafe_b64encode(self._digest(b"name", folded(name), KEY_BYTES)).decode().rstrip("=")

    def marks(self, name: str) -> set[int]:
        """Return what the beginnings of a name's words are known by, and words of one letter: 64 bits each."""
        beginnings = {word[:length] for word in words_of(name) for length in _lengths(word)}
        return {self._mark(beginning) for beginning in beginnings}

    def looked_for(self, typed: str) -> list[int]:
        """Return the marks that a name has if its words begin as those typed; the most telling first."""
        words = sorted(dict.fromkeys(word[:LONGEST] for word in words_of(typed)), key=len, reverse=True)
        return [self._mark(word) for word in words]

    def _mark(self, beginning: str) -> int:
        return int.from_bytes(self._digest(b"beginning", beginning, MARK_BYTES), signed=True)

    def _digest(self, kind: bytes, content: str, length: int) -> bytes:
        message = b"\0".join((kind, self._clinic, content.encode()))
        return hmac.digest(self._secret, message, hashlib.sha256)[:length]


def begins_so(name: str, typed: str) -> bool:
    """Tell whether for each word typed a word of the name begins so; one letter stands for itself alone."""
    words = words_of(name)
    return all(any(_begins(word, each) for word in words) for each in words_of(typed))


def has_long_words(typed: str) -> bool:
    """Tell whether marks alone can't tell if a name begins as was typed."""
    return any(len(word) > LONGEST for word in words_of(typed))


def _begins(word: str, typed: str) -> bool:
    return word == typed if len(typed) < SHORTEST else word.startswith(typed)


def _lengths(word: str) -> Sequence[int]:
    return (1,) if len(word) == 1 else range(SHORTEST, min(LONGEST, len(word)) + 1)


def _of_a_word(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character).startswith("M")
