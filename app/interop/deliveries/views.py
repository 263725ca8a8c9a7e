"""Where it is said what is to be sent to other systems: asked for, tried again, taken back."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.auth.tables import User
from app.extensions import db
from app.interop.deliveries import services
from app.interop.deliveries.selectors import delivery_of
from app.interop.deliveries.shown import deliveries
from app.live import Part, drawn, live_part
from app.results.selectors import analysis_of
from app.results.tables import Analysis

blueprint = Blueprint("deliveries", __name__)

MOST_AT_ONCE = 200


@blueprint.post("/results/<public_id>/deliveries")
def send(public_id: str) -> ResponseReturnValue:
    """Have a test sent to the system that the form names."""
    analysis = analysis_of(db.session(), _user(), public_id)
    services.request_delivery(db.session(), analysis, request.form.get("destination", ""), author=_user())
    return _done(analysis, "The test is being sent. Its state is shown below.")


@live_part("deliveries")
def states(public_id: str) -> Part:
    """Tell where a test was sent, and where it can be."""
    analysis = analysis_of(db.session(), _user(), public_id)
    lines = deliveries(analysis)
    moves = any(line.moves for line in lines)
    return drawn("interop/_delivery_lines.html", last=not moves, analysis=analysis, lines=lines)


@blueprint.post("/deliveries/<public_id>/retry")
def retry(public_id: str) -> ResponseReturnValue:
    """Try now what waits for its next attempt, or was given up."""
    analysis, delivery = delivery_of(db.session(), _user(), public_id)
    services.retry(db.session(), analysis, delivery, author=_user())
    return _done(analysis, "The test is tried again. Its state is shown below.")


@blueprint.post("/deliveries/retry")
def retry_all() -> ResponseReturnValue:
    """Try again what was given up: what stood in the way may be gone for all of it."""
    count = services.retry_all(db.session(), _user(), MOST_AT_ONCE)
    db.session.commit()
    flash(f"{count:,} {'test is' if count == 1 else 'tests are'} tried again.", "success")
    return redirect(url_for("worklist.index"), 303)


@blueprint.post("/deliveries/<public_id>/cancel")
def cancel(public_id: str) -> ResponseReturnValue:
    """Take back what waits."""
    analysis, delivery = delivery_of(db.session(), _user(), public_id)
    services.cancel(db.session(), delivery)
    return _done(analysis, "The test is not sent.")


def _done(analysis: Analysis, sentence: str) -> ResponseReturnValue:
    public_id = analysis.public_id
    db.session.commit()
    flash(sentence, "success")
    return redirect(url_for("results.show", public_id=public_id, _anchor="deliveries"), 303)


def _user() -> User:
    user: User = current_user._get_current_object()
    return user
