"""Pages of retention: what is erased within the month, and what stays."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.auth.tables import User
from app.extensions import db
from app.patients.selectors import patient_of
from app.rights.retention import services
from app.rights.retention.forms import HoldForm
from app.rights.retention.selectors import announced_of, count_announced, held_of
from app.security.roles import for_administrators

blueprint = Blueprint("retention", __name__)

MOST_LISTED = 100


@blueprint.get("/retention")
@for_administrators
def index() -> ResponseReturnValue:
    """List what is going to be erased, and what stays although its time is over."""
    session, user = db.session(), _user()
    return render_template(
        "rights/retention.html",
        settings=current_app.config["SETTINGS"],
        announced=announced_of(session, user, MOST_LISTED),
        count=count_announced(session, user),
        held=held_of(session, user, MOST_LISTED),
        days=services.ANNOUNCED_FOR.days,
    )


@blueprint.route("/patients/<public_id>/retention", methods=["GET", "POST"])
@for_administrators
def hold(public_id: str) -> ResponseReturnValue:
    """Let a patient's record stay, and say why."""
    session, user, form = db.session(), _user(), HoldForm()
    patient = patient_of(session, user, public_id)
    if not form.validate_on_submit():
        page = render_template("rights/hold.html", patient=patient, form=form)
        return page, 422 if form.is_submitted() else 200
    services.keep_longer(session, patient, author=user, reason=form.reason.data or "")
    session.commit()
    flash("The record is kept until somebody takes this back.", "success")
    return redirect(url_for("retention.index"), 303)


@blueprint.post("/patients/<public_id>/retention/end")
@for_administrators
def end(public_id: str) -> ResponseReturnValue:
    """Let the time of a patient's record count again."""
    session = db.session()
    services.let_go(session, patient_of(session, _user(), public_id))
    session.commit()
    flash("The time of this record counts again. It is announced for a month before anything is erased.", "success")
    return redirect(url_for("retention.index"), 303)


def _user() -> User:
    user: User = current_user._get_current_object()
    return user
