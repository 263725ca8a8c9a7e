"""Operations on classifiers: list, show."""

from __future__ import annotations

from flask import Blueprint, current_app

from app.api.models.schemas import ModelAnswer
from app.api.operation import operation
from app.api.schemas import Page
from app.api.tokens.scopes import READ
from app.errors import NotFoundError
from app.inference import Card, current_classifiers, network_bytes

blueprint = Blueprint("api_models", __name__, url_prefix="/api/v1/models")


@blueprint.get("")
@operation("List the classifiers", scope=READ, answers={200: Page[ModelAnswer]})
def index() -> Page[ModelAnswer]:
    """List all classifiers by name; `next` is always null. No network is loaded."""
    return Page(items=[_answer(card) for card in current_classifiers().cards()], next=None)


@blueprint.get("/<public_id:name>")
@operation("Show a classifier", scope=READ, answers={200: ModelAnswer})
def show(name: str) -> ModelAnswer:
    """Answer what a classifier tells apart, and how it was measured."""
    card = next((card for card in current_classifiers().cards() if card.name == name), None)
    if card is None:
        raise NotFoundError("There is no such classifier here.")
    return _answer(card)


def _answer(card: Card) -> ModelAnswer:
    default = current_app.config["SETTINGS"].default_model
    return ModelAnswer.of(card, network_bytes=network_bytes(card.name), default=card.name == default)
