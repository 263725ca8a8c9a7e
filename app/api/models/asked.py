"""The classifier that a program asks for."""

from __future__ import annotations

from flask import current_app

from app.api.reading import InvalidRequestError
from app.inference import current_classifiers


def known_model(name: str | None, place: str, member: str) -> str:
    """Return the classifier that was asked for, or the site's default; InvalidRequestError if there is none such.

    `place` and `member` say where it was asked for.
    """
    default: str = current_app.config["SETTINGS"].default_model
    if name is None:
        return default
    if name not in {default, *(card.name for card in current_classifiers().cards())}:
        raise InvalidRequestError.of(place, member, "There is no classifier of this name: see /api/v1/models.")
    return name
