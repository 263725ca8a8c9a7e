"""Pages of the accounts: register, sign in, sign out, preferences."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.auth import services, throttle
from app.auth.forms import PreferencesForm, RegistrationForm, SignInForm
from app.auth.passwords import current_passwords
from app.auth.sessions import begin_session, end_session
from app.auth.tables import User
from app.extensions import db
from app.security.gate import open_to_everyone
from app.security.redirects import own_page

blueprint = Blueprint("auth", __name__)

WRONG = "The e-mail address or the password is not right."


@blueprint.route("/register", methods=["GET", "POST"])
@open_to_everyone
def register() -> ResponseReturnValue:
    """Create an account and sign in to it."""
    if current_user.is_authenticated:
        return redirect(url_for("dashboard.home"))
    form = RegistrationForm()
    user = _registered(form) if form.validate_on_submit() else None
    if user is None:
        return render_template("auth/register.html", form=form), 422 if form.is_submitted() else 200
    begin_session(user)
    return redirect(url_for("dashboard.home"), 303)


@blueprint.route("/login", methods=["GET", "POST"])
@open_to_everyone
def sign_in() -> ResponseReturnValue:
    """Sign in, and go on to where the person was going."""
    destination = own_page(request.args.get("next"))
    if current_user.is_authenticated:
        return redirect(destination or url_for("dashboard.home"))
    form = SignInForm()
    user = _authenticated(form) if form.validate_on_submit() else None
    if user is None:
        page = render_template("auth/sign_in.html", form=form, next=destination)
        return page, 422 if form.is_submitted() else 200
    begin_session(user)
    return redirect(destination or url_for("dashboard.home"), 303)


@blueprint.post("/logout")
def sign_out() -> ResponseReturnValue:
    """Sign out everywhere."""
    services.withdraw_sessions(current_user)
    db.session.commit()
    end_session()
    flash("You are signed out.")
    return redirect(url_for("landing.welcome"), 303)


@blueprint.route("/preferences", methods=["GET", "POST"])
def preferences() -> ResponseReturnValue:
    """Show how the person wants to work, and change it."""
    form = PreferencesForm(obj=current_user)
    if not form.validate_on_submit():
        return render_template("auth/preferences.html", form=form)
    form.populate_obj(current_user)
    db.session.commit()
    flash("Your preferences are saved.", "success")
    return redirect(url_for("auth.preferences"), 303)


def _registered(form: RegistrationForm) -> User | None:
    """Create the account of a valid form; None, and a message at the field, if the address is taken."""
    attempt = _admitted(account=None)
    try:
        user = services.register(
            db.session(),
            current_passwords(),
            name=str(form.name.data),
            email=str(form.email.data),
            password=str(form.password.data),
        )
    except services.EmailTakenError as error:
        form.email.errors = [error.message]
        return None
    throttle.forgive(db.session(), attempt)
    db.session.commit()
    return user


def _authenticated(form: SignInForm) -> User | None:
    """Return the person of a valid form; None, and one message for every cause, if there is none."""
    email = str(form.email.data)
    attempt = _admitted(account=services.normal_email(email))
    user = services.authenticate(db.session(), current_passwords(), email=email, password=str(form.password.data))
    if user is None:
        form.form_errors.append(WRONG)
        return None
    throttle.forgive(db.session(), attempt)
    db.session.commit()
    return user


def _admitted(*, account: str | None) -> throttle.Attempt:
    """Count an attempt, and return it if it may be judged; ThrottledError if there were too many before."""
    session, limits = db.session(), _limits()
    attempt = throttle.begin(session, limits, account=account, address=request.remote_addr or "")
    session.commit()  # before the password is looked at: parallel attempts must see this one
    seconds = throttle.seconds_to_wait(session, limits, attempt)
    if seconds:
        throttle.forget(session, attempt)  # only judged attempts count, or waiting would never end
        session.commit()
        raise throttle.refusal(seconds)
    return attempt


def _limits() -> throttle.Limits:
    return throttle.Limits.of(current_app.config["SETTINGS"], current_app.config["SECRET_KEY"])
