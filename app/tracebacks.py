"""Errors as logs tell of them: which, where and in what order, and not in their words, which quote what was typed."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import Any

FACTS = ("strerror", "sqlite_errorname", "sqlstate")  # what errors say of themselves in words of the system's own
CAUSED = "\nThe above was the cause of this:\n\n"
MEANWHILE = "\nWhile that was being dealt with, this happened:\n\n"

ExcInfo = tuple[Any, BaseException | None, TracebackType | None]


def without_words(exc_info: ExcInfo) -> str:
    """Return the kinds of an error and of those that led to it, and the lines of code where they arose."""
    error = exc_info[1]
    return "" if error is None else "".join(_told(error, set())).rstrip("\n")


def _told(error: BaseException, seen: set[int]) -> Iterator[str]:
    seen.add(id(error))
    before, words = (error.__cause__, CAUSED) if error.__cause__ is not None else (error.__context__, MEANWHILE)
    if before is not None and id(before) not in seen and not (words == MEANWHILE and error.__suppress_context__):
        yield from _told(before, seen)
        yield words
    yield "Traceback (most recent call last):\n"
    yield from traceback.format_tb(error.__traceback__)
    yield f"{_kind(error)}\n"


def _kind(error: BaseException) -> str:
    """Return the name of an error's class; with what the system or the database calls it."""
    said = (getattr(each, fact, None) for each in (error, getattr(error, "orig", None)) for fact in FACTS)
    facts = ", ".join(str(fact) for fact in said if fact)
    name = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    return f"{name} ({facts})" if facts else name
