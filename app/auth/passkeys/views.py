"""Signing in with a passkey: alone, or as the second step after the password."""

from __future__ import annotations

from flask import Blueprint, abort, flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.audit import tell
from app.auth.passkeys import challenges, services
from app.auth.passkeys.asking import options_for, party
from app.auth.passkeys.ceremonies import RefusedPasskeyError, answer_of
from app.auth.passkeys.forms import AnswerForm
from app.auth.passkeys.services import Checked
from app.auth.tables import User
from app.auth.two_factor import pending
from app.auth.two_factor.steps import PASSKEY, PASSWORD_AND_PASSKEY, go_in
from app.extensions import db
from app.security.gate import open_to_everyone
from app.security.redirects import own_page

blueprint = Blueprint("passkeys", __name__, url_prefix="/login")

ALONE, SECOND_STEP = "sign-in", "second-step"
TOO_LONG = "That took too long. Please try again."
COPIED = (
    "This passkey was refused: what it answered says that there may be a copy of it. "
    "Please sign in in another way, and remove it in your account."
)


@blueprint.post("/passkey/options")
@open_to_everyone
def options() -> ResponseReturnValue:
    """Tell the browser what to ask an authenticator for: any passkey of this site."""
    return jsonify(options_for(ALONE))


@blueprint.post("/passkey")
@open_to_everyone
def sign_in() -> ResponseReturnValue:
    """Sign in with a passkey alone."""
    destination = own_page(request.args.get("next"))
    if current_user.is_authenticated:
        return redirect(destination or url_for("dashboard.home"), 303)
    checked = _checked(ALONE, None)
    if checked is None:
        return redirect(url_for("auth.sign_in", next=destination), 303)
    answer = go_in(checked.user, PASSKEY, destination)
    db.session.commit()
    return answer


@blueprint.post("/second-step/passkey/options")
@open_to_everyone
def second_step_options() -> ResponseReturnValue:
    """Tell the browser what to ask an authenticator for: a passkey of the account whose password was right."""
    return jsonify(options_for(SECOND_STEP, pending.pending_user(db.session()) or abort(401)))


@blueprint.post("/second-step/passkey")
@open_to_everyone
def second_step() -> ResponseReturnValue:
    """Take the second step with a passkey."""
    destination = own_page(request.args.get("next"))
    if current_user.is_authenticated:
        return redirect(destination or url_for("dashboard.home"), 303)
    user = pending.pending_user(db.session())
    if user is None:
        return redirect(url_for("auth.sign_in", next=destination), 303)
    tell(tried=user.id, clinic_id=user.clinic_id)
    checked = _checked(SECOND_STEP, user)
    if checked is None or not pending.finish(db.session()):
        db.session.rollback()
        return redirect(url_for("second_step.show", next=destination), 303)
    answer = go_in(checked.user, PASSWORD_AND_PASSKEY, destination)
    db.session.commit()
    return answer


def _checked(purpose: str, whose: User | None) -> Checked | None:
    """Return whose passkey has answered; None, and a message, if there is no way in with what was sent.

    What is known of a passkey that may have been copied is committed.
    """
    form, challenge = AnswerForm(), challenges.take(purpose)
    if challenge is None or not form.validate():
        flash(TOO_LONG, "warning")
        return None
    try:
        answer = answer_of(str(form.credential.data))
        checked = services.check(db.session(), party(), challenge, answer, whose=whose)
    except RefusedPasskeyError as error:
        db.session.rollback()
        flash(error.message, "danger")
        return None
    if checked.doubtful:
        tell(tried=checked.user.id, clinic_id=checked.user.clinic_id, doubtful=True)
        db.session.commit()
        flash(COPIED, "danger")
        return None
    return checked
