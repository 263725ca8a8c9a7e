"""The parts of pages that can be told, by name, and what a page is told of them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import json, render_template

from app.errors import NotFoundError

MOST = 4  # parts of one page


@dataclass(frozen=True, slots=True)
class Part:
    """What a place on a page shows now, as HTML; `last`: it is not going to change by itself any more."""

    html: str
    last: bool


def drawn(template: str, *, last: bool, **shown: Any) -> Part:
    """Draw a part by the template that its page includes; without tokens, the script puts the page's into the forms.

    A token is another one each second, and would be told as news.
    """
    return Part(render_template(template, csrf_token=str, **shown), last)


Teller = Callable[[str], Part]
PARTS: dict[str, Teller] = {}


def live_part(name: str) -> Callable[[Teller], Teller]:
    """Make a function the teller of a part. Like a view it begins at what the signed-in person may see.

    It is given the public id of what the part is about, and raises an AppError where there is nothing to be seen.
    """

    def kept(teller: Teller) -> Teller:
        if name in PARTS:
            raise ValueError(f"there is a part called {name} already")
        PARTS[name] = teller
        return teller

    return kept


@dataclass(frozen=True, slots=True)
class Telling:
    """What a page is told: HTML of parts by name and public id; `over`: nothing is going to follow."""

    parts: Mapping[str, str]
    over: bool

    @property
    def id(self) -> str:
        """What tells this from another telling."""
        return hashlib.sha256(json.dumps(self.as_json()).encode()).hexdigest()[:20]

    def as_json(self) -> dict[str, Any]:
        """Return what the script reads."""
        return {"parts": dict(self.parts), "over": self.over}


GONE = Telling({}, over=True)


def tell(wanted: Sequence[str]) -> Telling:
    """Tell parts, each written as name:id; NotFoundError if there is no such part, or whatever its teller raises."""
    if len(wanted) > MOST:
        raise NotFoundError("A page has no so many parts.")
    parts = {one: _part(one) for one in wanted}
    return Telling({one: part.html for one, part in parts.items()}, all(part.last for part in parts.values()))


def _part(one: str) -> Part:
    name, _, public_id = one.partition(":")
    teller = PARTS.get(name)
    if teller is None:
        raise NotFoundError("There is no such part of a page.")
    return teller(public_id)
