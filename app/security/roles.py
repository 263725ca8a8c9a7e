"""The roles that members of a clinic have, and the marks that say who may use a view beside those who work there.

Without a mark, whoever is signed in may use what only reads, and an auditor nothing that can change anything: an
address that takes a POST is closed to auditors, the GET of its form too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, TypeVar

from flask import Flask

View = TypeVar("View", bound=Callable[..., Any])

CLINICIAN, AUDITOR, ADMINISTRATOR = "clinician", "auditor", "administrator"
ROLES: Mapping[str, str] = MappingProxyType(
    {CLINICIAN: "Clinician", AUDITOR: "Auditor", ADMINISTRATOR: "Administrator"}
)
WORKING = frozenset({CLINICIAN, ADMINISTRATOR})
EVERY = frozenset(ROLES)
READING = frozenset({"GET", "HEAD", "OPTIONS"})
MARK = "roles"


def for_every_role(view: View) -> View:
    """Mark a view that changes no more than the own account, so that an auditor may use it."""
    setattr(view, MARK, EVERY)
    return view


def for_those_who_work(view: View) -> View:
    """Mark a view that only reads but leads to changes, such as the page of a form: it is not for auditors."""
    setattr(view, MARK, WORKING)
    return view


def for_overseers(view: View) -> View:
    """Mark a view as one on which the others' work is looked over: for those who only work it is not there."""
    setattr(view, MARK, frozenset({AUDITOR, ADMINISTRATOR}))
    return view


def for_administrators(view: View) -> View:
    """Mark a view as part of managing the clinic: for everybody else it is not there."""
    setattr(view, MARK, frozenset({ADMINISTRATOR}))
    return view


def roles_of(app: Flask, endpoint: str) -> frozenset[str]:
    """Return the roles that may use an endpoint."""
    marked: frozenset[str] | None = getattr(app.view_functions.get(endpoint), MARK, None)
    if marked is not None:
        return marked
    reads = all((rule.methods or set()) <= READING for rule in app.url_map.iter_rules(endpoint))
    return EVERY if reads else WORKING
