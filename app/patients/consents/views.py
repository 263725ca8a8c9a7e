"""Page of a patient's consents: what holds, what was said when, and a form to record more."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.extensions import db
from app.patients.consents import services
from app.patients.consents.forms import ConsentForm
from app.patients.consents.selectors import consents_of, in_force
from app.patients.selectors import patient_of

blueprint = Blueprint("consents", __name__)


@blueprint.route("/patients/<public_id>/consents", methods=["GET", "POST"])
def index(public_id: str) -> ResponseReturnValue:
    """Show what a patient has agreed to, and record what the patient says."""
    session, user = db.session(), current_user._get_current_object()
    patient = patient_of(session, user, public_id)
    form = ConsentForm()
    if form.validate_on_submit():
        services.record(session, patient, author=user, statement=form.statement)
        session.commit()
        flash("It is recorded. What was recorded before is kept.", "success")
        return redirect(url_for("consents.index", public_id=public_id), 303)
    said = consents_of(session, patient)
    page = render_template("patients/consents.html", patient=patient, form=form, said=said, in_force=in_force(said))
    return page, 422 if form.is_submitted() else 200
