"""The second step of signing in: a code of the authenticator app, or a recovery code (passkeys: see there)."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.audit import tell
from app.auth import letters, throttle
from app.auth.admission import admitted_alone
from app.auth.tables import User
from app.auth.two_factor import pending, recovery, services
from app.auth.two_factor.forms import RecoveryCodeForm, SecondStepForm
from app.auth.two_factor.selectors import factors_of
from app.auth.two_factor.steps import APP, RECOVERY_CODE, go_in
from app.extensions import db
from app.mail import post
from app.security.gate import open_to_everyone
from app.security.redirects import own_page

blueprint = Blueprint("second_step", __name__, url_prefix="/login")

WRONG_CODE = "This code is not right, or was used already. Please wait for the next one."
WRONG_RECOVERY_CODE = "This is none of your recovery codes, or it was used already."
ANOTHER = "Meanwhile you began to sign in to another account. This page is for that one now."
ALARMING = 5  # wrong codes in a row: somebody else may know the password
TOO_LONG = "Please enter your password again: the second step was not taken within 10 minutes."


@blueprint.route("/second-step", methods=["GET", "POST"])
@open_to_everyone
def show() -> ResponseReturnValue:
    """Ask for a code of the authenticator app, or offer the account's passkeys, and sign in."""
    return _step(SecondStepForm(), "second_step", services.accept_code, WRONG_CODE, APP)


@blueprint.route("/recovery-code", methods=["GET", "POST"])
@open_to_everyone
def recovery_code() -> ResponseReturnValue:
    """Ask for a recovery code, and sign in with it, this once."""
    return _step(RecoveryCodeForm(), "recovery_code", recovery.spend, WRONG_RECOVERY_CODE, RECOVERY_CODE)


def _step(
    form: SecondStepForm | RecoveryCodeForm, page: str, accepts: Callable[..., bool], wrong: str, how: str
) -> ResponseReturnValue:
    """Show a page of the second step, or judge what was sent by it."""
    destination = own_page(request.args.get("next"))
    if current_user.is_authenticated:
        return redirect(destination or url_for("dashboard.home"))
    user = pending.pending_user(db.session())
    if user is None:
        if request.method == "POST":
            flash(TOO_LONG, "warning")
        return redirect(url_for("auth.sign_in", next=destination), 303)
    tell(tried=user.id, clinic_id=user.clinic_id)
    if form.is_submitted() and form.account.data != pending.whose(user):
        form.code.data = ""
        form.code.errors = [ANOTHER]
    elif form.validate_on_submit():
        if _is_right(user, str(form.code.data), accepts):
            return _gone_in(user, how, destination)
        form.wrong(wrong)
    form.account.data = pending.whose(user)
    shown = render_template(
        f"auth/two_factor/{page}.html",
        form=form,
        next=destination,
        email=user.email,
        factors=factors_of(db.session(), user),
    )
    return shown, 422 if form.is_submitted() else 200


def _is_right(user: User, code: str, accepts: Callable[..., bool]) -> bool:
    """Judge a code and use it up, committed only together with the sign-in that it is for."""
    session, user_id = db.session(), user.id
    attempt = admitted_alone(f"second-step:{user_id}")  # colleagues in the same network must not wait for it
    failures = services.count_attempt(session, user_id=user_id)
    session.commit()
    if not accepts(session, user_id=user_id, code=code) or not pending.finish(session):
        session.rollback()
        if failures == ALARMING:
            post(session, kind=letters.WRONG_CODES, address=user.email)
            session.commit()
        return False
    throttle.forgive(session, attempt)
    return True


def _gone_in(user: User, how: str, destination: str | None) -> ResponseReturnValue:
    answer = go_in(user, how, destination)
    left = factors_of(db.session(), user).codes_left
    db.session.commit()
    if how == RECOVERY_CODE:
        flash(f"You signed in with a recovery code, which is used up. {_left(left)}", "warning")
    return answer


def _left(count: int) -> str:
    codes = "1 recovery code is" if count == 1 else f"{count or 'No'} recovery codes are"
    return f"{codes} left: new ones, and another app or passkey, are made under “Second step” in your account."
