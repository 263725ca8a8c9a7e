"""Passwords that are guessed first: common ones, rows of keys, repetitions, names, and what is made of few of these.

NIST SP 800-63B-4, section 3.1.1.2: what is common, expected or compromised is refused, whatever characters it has. The
common ones are the 30,000 of the package zxcvbn (MIT licence); its own estimate is not used, because a password can be
written for which it takes ten seconds.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

# guesses are counted in units of a common password, some ten thousand of them
COMMON, LETTER, SYMBOL, DIGIT, FREE = 1.0, 0.31, 0.31, 0.2, 0.1
ENOUGH = 2.15  # more than two common passwords with a year behind them
YEAR, DATES = 4, 2  # so many digits add nothing, in so many numbers
SHORTEST_COMMON, SHORTEST_NAME, SHORTEST_ROW, SHORTEST_RUN, LONGEST_PIECE = 4, 3, 4, 3, 24
ROWS = (
    "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "azertyuiop",
    "qsdfghjklm", "wxcvbn", "qwertyuiopasdfghjklzxcvbnm", "0123456789" * 3, "!@#$%^&*()", "!\"§$%&/()=",
)  # fmt: skip
TOKENS = re.compile(r"[^\W\d_]+|\d+|[^\w\s]+|_+")
WORDS = re.compile(r"[^\W_]+")
LOOKALIKES = str.maketrans("@431!05$7", "aaeliosst")


def is_guessable(password: str, names: Iterable[str] = ()) -> bool:
    """Tell whether a password is little more than what everybody tries first; `names` are those around the person."""
    written = unicodedata.normalize("NFKC", password).casefold()
    words = frozenset(word for word in WORDS.findall(" ".join(names).casefold()) if len(word) >= SHORTEST_NAME)
    return min(_cost(written, words), _cost(written.translate(LOOKALIKES), words)) <= ENOUGH


def _cost(written: str, names: frozenset[str]) -> float:
    """Return how much there is to guess; what is repeated counts once."""
    tokens = {_repeated_once(token) for token in TOKENS.findall(written)}
    numbers = sorted((len(token) for token in tokens if token.isdigit() and not _is_row(token)), reverse=True)
    digits = sum(max(0, length - YEAR) for length in numbers[:DATES]) + sum(numbers[DATES:])
    return DIGIT * digits + sum(_cost_of(token, names) for token in tokens)


def _cost_of(token: str, names: frozenset[str]) -> float:
    if token.isdigit():
        return FREE if _is_row(token) else 0
    if not token[0].isalpha():
        return FREE if _is_row(token) else SYMBOL * len(set(token))
    best = [0.0]  # of the first so many letters
    for end in range(1, len(token) + 1):
        pieces = range(max(0, end - LONGEST_PIECE), end)
        best.append(min(best[start] + _cost_of_piece(token[start:end], names) for start in pieces))
    return best[-1]


def _cost_of_piece(piece: str, names: frozenset[str]) -> float:
    if piece in names or _is_row(piece):
        return FREE
    if len(piece) >= SHORTEST_COMMON and piece in common_passwords():
        return COMMON
    return LETTER * len(piece)


def _is_row(piece: str) -> bool:
    """Tell whether keys or letters lie side by side, or are all the same."""
    if len(piece) >= SHORTEST_RUN and len(set(piece)) == 1:
        return True
    return len(piece) >= SHORTEST_ROW and any(piece in row or piece[::-1] in row for row in ROWS)


def _repeated_once(token: str) -> str:
    """Return what a token repeats, such as the first half of “passwordpassword”."""
    return token[: (token + token).find(token, 1)]


@cache
def common_passwords() -> frozenset[str]:
    """Return the passwords that are used most; read when a password is first chosen."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # noqa: PLC0415 - 0.1 s and 16 MB, for those who choose one

    return frozenset(FREQUENCY_LISTS["passwords"])
