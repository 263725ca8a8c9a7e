"""The page on which the scale of a photograph is drawn."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.auth.tables import User
from app.extensions import db
from app.live import Part, drawn, live_part
from app.results.outlines import services
from app.results.outlines.forms import ScaleForm
from app.results.outlines.presentation import outlined
from app.results.outlines.scales import doubt
from app.results.outlines.selectors import measured
from app.results.selectors import analysis_of
from app.results.tables import Analysis

blueprint = Blueprint("outlines", __name__)


@blueprint.route("/results/<public_id>/scale", methods=["GET", "POST"])
def scale(public_id: str) -> ResponseReturnValue:
    """Draw a line of known length on a photograph."""
    analysis = _analysis(public_id)
    known = measured(db.session(), analysis)
    form = ScaleForm.of(analysis, known.scale)
    if form.validate_on_submit():
        start, end = form.ends(analysis)
        length = form.millimetres.data or 0.0
        try:
            services.draw_scale(db.session(), analysis, author=_user(), start=start, end=end, millimetres=length)
        except services.ScaleError as error:
            form.form_errors.append(error.message)
        else:
            db.session.commit()
            flash("The scale is kept.", "success")
            return _back(public_id)
    unlikely = "" if known.px_per_mm is None else doubt(analysis, known.px_per_mm)
    page = render_template("results/scale.html", analysis=analysis, known=known, form=form, doubt=unlikely)
    return page, 422 if form.is_submitted() else 200


@live_part("outline")
def measures(public_id: str) -> Part:
    """Tell what is known of the outline in a photograph."""
    analysis = _analysis(public_id)
    found = outlined(analysis)
    return drawn("results/_measures.html", last=not found.coming, analysis=analysis, found=found)


@blueprint.post("/results/<public_id>/scale/delete")
def remove(public_id: str) -> ResponseReturnValue:
    """Let no scale count any more."""
    services.remove_scale(db.session(), _analysis(public_id), author=_user())
    db.session.commit()
    flash("The scale is removed.", "success")
    return _back(public_id)


def _back(public_id: str) -> ResponseReturnValue:
    return redirect(url_for("outlines.scale", public_id=public_id), 303)


def _user() -> User:
    user: User = current_user._get_current_object()
    return user


def _analysis(public_id: str) -> Analysis:
    return analysis_of(db.session(), _user(), public_id)
