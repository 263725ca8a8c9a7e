"""Where follow-ups are planned, finished and taken away: on the page of a lesion, or wherever else they are shown."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.exc import IntegrityError

from app.auth.tables import User
from app.clock import now
from app.extensions import db
from app.patients.follow_ups import services
from app.patients.follow_ups.forms import FollowUpForm
from app.patients.lesions.views import page_of_lesion
from app.patients.selectors import lesion_of
from app.patients.tables import Lesion
from app.security.redirects import own_page

blueprint = Blueprint("follow_ups", __name__)


@blueprint.post("/lesions/<public_id>/follow-up")
def plan(public_id: str) -> ResponseReturnValue:
    """Set the day of a lesion's next follow-up."""
    form = FollowUpForm()
    if not form.validate_on_submit():
        return page_of_lesion(public_id, follow_up_form=form), 422
    try:
        _plan(public_id, form)
    except IntegrityError:  # of one form sent twice at once, the second finds what the first has planned
        db.session.rollback()
        _plan(public_id, form)
    flash(f"The follow-up is set for {form.day.day} {form.day:%B %Y}.", "success")
    return redirect(url_for("lesions.show", public_id=public_id), 303)


@blueprint.post("/lesions/<public_id>/follow-up/done")
def finish(public_id: str) -> ResponseReturnValue:
    """Note that a lesion was followed up."""
    if services.finish(db.session(), _lesion(public_id), user=_user(), at=now()):
        flash("The follow-up is recorded as done.", "success")
    db.session.commit()
    return redirect(own_page(request.form.get("next")) or url_for("lesions.show", public_id=public_id), 303)


@blueprint.post("/lesions/<public_id>/follow-up/delete")
def take_away(public_id: str) -> ResponseReturnValue:
    """Forget a follow-up that is not to be."""
    services.take_away(db.session(), _lesion(public_id), user=_user())
    db.session.commit()
    flash("No follow-up is planned for this lesion any more.", "success")
    return redirect(url_for("lesions.show", public_id=public_id), 303)


def _plan(public_id: str, form: FollowUpForm) -> None:
    services.plan(db.session(), _lesion(public_id), author=_user(), due=form.day, reason=form.reason.data)
    db.session.commit()


def _user() -> User:
    user: User = current_user._get_current_object()
    return user


def _lesion(public_id: str) -> Lesion:
    return lesion_of(db.session(), _user(), public_id)[1]
