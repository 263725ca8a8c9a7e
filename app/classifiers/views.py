"""Pages of the classifiers: all of them, and the card of one; and the photographs that they learned from."""

from __future__ import annotations

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue

from app.classifiers.overview import overview
from app.classifiers.sheet import sheet
from app.errors import NotFoundError
from app.inference import current_classifiers, network_bytes
from app.results.known_photographs import photograph_file
from app.security.downloads import picture
from app.security.headers import kept_by_browsers

blueprint = Blueprint("classifiers", __name__)


@blueprint.get("/classifiers")
def index() -> ResponseReturnValue:
    """List the classifiers with their most important figures; no network is loaded."""
    cards = current_classifiers().cards()
    sizes = {card.name: network_bytes(card.name) for card in cards}
    return render_template("classifiers/index.html", groups=overview(cards, sizes, _default()))


@blueprint.get("/classifiers/<name>")
def show(name: str) -> ResponseReturnValue:
    """Show the card of one classifier; no network is loaded."""
    card = next((card for card in current_classifiers().cards() if card.name == name), None)
    if card is None:
        raise NotFoundError("There is no such classifier here.")
    shown = sheet(card, network_bytes(name))
    return render_template("classifiers/show.html", card=card, sheet=shown, is_default=name == _default())


@blueprint.get("/similar/<image_id>.jpg")
@kept_by_browsers
def photograph(image_id: str) -> ResponseReturnValue:
    """Answer a photograph that classifiers learned from, where the site has it: a published one, of no patient here."""
    path = photograph_file(image_id)
    if path is None:
        raise NotFoundError("There is no such photograph here.")
    return picture(path.read_bytes(), "image/jpeg")


def _default() -> str:
    name: str = current_app.config["SETTINGS"].default_model
    return name
