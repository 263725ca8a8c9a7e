"""The page that describes the API, written from its OpenAPI document; it needs no script."""

from __future__ import annotations

from dataclasses import dataclass
from inspect import cleandoc

from flask import Blueprint, current_app, render_template, request
from flask.typing import ResponseReturnValue

from app.api.entries import entries_of
from app.api.openapi import current_description
from app.api.tokens.scopes import SCOPES
from app.errors import AppError
from app.security.gate import open_to_everyone

blueprint = Blueprint("api_docs", __name__)

HEADINGS = {
    "predictions": "Tests: photographs and their answers",
    "patients": "Patients",
    "lesions": "Lesions",
    "batches": "Batches: many photographs at once",
    "models": "Classifiers",
    "deliveries": "Deliveries to other systems",
    "tokens": "Access tokens",
    "me": "The token in use",
    "health": "Health",
    "openapi": "This description, for programs",
}


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of error, as `type` names it."""

    name: str
    status: int
    title: str
    text: str


@blueprint.get("/api/docs")
@open_to_everyone
def show() -> ResponseReturnValue:
    """Describe every operation, with what it takes and answers."""
    document = current_description()
    groups = {tag["name"]: list(entries_of(document, tag["name"])) for tag in document["tags"]}
    order = sorted(groups, key=lambda tag: list(HEADINGS).index(tag) if tag in HEADINGS else len(HEADINGS))
    sections = [(tag, HEADINGS.get(tag, tag.capitalize()), groups[tag]) for tag in order]
    return render_template(
        "api/docs.html",
        sections=sections,
        scopes=SCOPES,
        kinds=sorted(kinds(), key=lambda kind: kind.name),
        version=document["info"]["version"],
        limit=current_app.config["SETTINGS"].api_requests_per_minute,
        origin=request.host_url.rstrip("/"),
    )


def kinds(of: type[AppError] = AppError) -> set[Kind]:
    """Return every kind of error that there is; one that inherits its kind is of the same."""
    found = {kind for below in of.__subclasses__() for kind in kinds(below)}
    if of.kind is not None and "kind" in vars(of):
        found.add(Kind(of.kind, of.status, of.title, cleandoc(of.__doc__ or "").split("\n\n")[0]))
    return found
