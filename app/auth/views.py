"""Pages of the accounts: register, sign in, sign out, preferences."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.audit import tell
from app.auth import devices, proof, registering, services, throttle
from app.auth.admission import admitted, admitted_alone, is_admitted
from app.auth.forms import FinishForm, PreferencesForm, RegistrationForm, SignInForm
from app.auth.links import carrying
from app.auth.links import services as links
from app.auth.links.tables import Link
from app.auth.passwords import current_passwords
from app.auth.sessions import end_session
from app.auth.tables import User
from app.auth.two_factor.enforcement import without_second_factor
from app.auth.two_factor.steps import after_password
from app.extensions import db
from app.security.gate import open_to_everyone
from app.security.headers import empties_caches
from app.security.redirects import own_page
from app.security.roles import for_every_role

blueprint = Blueprint("auth", __name__)

WRONG = "The e-mail address or the password is not right."
NOT_CHOSEN = "This is not the password with which the account was asked for. If that was not you, leave this page."


@blueprint.route("/register", methods=["GET", "POST"])
@open_to_everyone
def register() -> ResponseReturnValue:
    """Create an account and sign in to it; where mail is sent, once the address is confirmed."""
    if current_user.is_authenticated:
        return redirect(url_for("dashboard.home"))
    first = registering.require_open(db.session(), current_app.config["SETTINGS"])
    form = RegistrationForm()
    valid = form.validate_on_submit()
    if valid and not first and current_app.config["SETTINGS"].mail_url is not None:
        return _confirmation_asked(form)
    user = _registered(form, first=first) if valid else None
    if user is None:
        return render_template("auth/register.html", form=form), 422 if form.is_submitted() else 200
    return _go_in(user, None)


@blueprint.get("/register/asked")
@open_to_everyone
def asked() -> ResponseReturnValue:
    """Say what happens next."""
    return render_template("auth/asked.html")


@blueprint.get("/register/<token>")
@open_to_everyone
def open_link(token: str) -> ResponseReturnValue:
    """Take the token of a mailed link out of the address."""
    carrying.carry(links.REGISTRATION, token)
    return redirect(url_for("auth.finish"), 303)


@blueprint.route("/register/finish", methods=["GET", "POST"])
@open_to_everyone
def finish() -> ResponseReturnValue:
    """Create the account of somebody who has confirmed the e-mail address, once, and sign in to it.

    Whoever has asked for it must be who reads the mail, or would know the password of somebody else's account.
    """
    session, form, token = db.session(), FinishForm(), carrying.carried(links.REGISTRATION)
    link = links.look_at(session, purpose=links.REGISTRATION, token=token)
    if not form.validate_on_submit() or not _is_chosen(form, link):
        return render_template("auth/finish.html", form=form, link=link), 422 if form.is_submitted() else 200
    user = registering.finish(session, current_app.config["SETTINGS"], token=token)
    return _go_in(user, None)


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
    return _go_in(user, destination)


@blueprint.post("/logout")
@empties_caches
@without_second_factor
@for_every_role
def sign_out() -> ResponseReturnValue:
    """Sign out here; other devices stay signed in."""
    end_session()
    db.session.commit()
    flash("You are signed out.")
    return redirect(url_for("landing.welcome"), 303)


@blueprint.route("/account/confirm", methods=["GET", "POST"])
@without_second_factor
@for_every_role
def confirm() -> ResponseReturnValue:
    """Ask the person for a proof, and go on to the page or file that needs it."""
    destination = own_page(request.args.get("next"))
    problem = proof.problem_with_proof() if request.method == "POST" else None
    if not proof.recently_proved():
        return proof.page(url_for("auth.confirm", next=destination), problem)
    if destination is None or request.method == "GET":
        return redirect(destination or url_for("dashboard.home"), 303)
    # not redirected to: it may be a file, and the page that asked would stay
    minutes = current_app.config["SETTINGS"].proof_minutes
    return render_template("auth/confirmed.html", destination=destination, minutes=minutes)


@blueprint.route("/preferences", methods=["GET", "POST"])
@for_every_role
def preferences() -> ResponseReturnValue:
    """Show how the person wants to work, and change it."""
    form = PreferencesForm(obj=current_user)
    if not form.validate_on_submit():
        return render_template("auth/preferences.html", form=form)
    form.populate_obj(current_user)
    db.session.commit()
    flash("Your preferences are saved.", "success")
    return redirect(url_for("auth.preferences"), 303)


def _confirmation_asked(form: RegistrationForm) -> ResponseReturnValue:
    """Have a link mailed; the answer is the same whether the address has an account or not, and takes as long."""
    admitted(account=None)
    registering.ask_to_confirm(
        db.session(),
        current_passwords(),
        name=str(form.name.data),
        email=str(form.email.data),
        password=str(form.password.data),
        wanted=is_admitted(account=f"registration:{form.email.data}"),
    )
    db.session.commit()
    return redirect(url_for("auth.asked"), 303)


def _registered(form: RegistrationForm, *, first: bool) -> User | None:
    """Create the account of a valid form; None, and a message at the field, if the address is taken."""
    attempt = admitted(account=None)
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
    if first and current_app.config["SETTINGS"].registration != "open":
        services.claim_first(db.session(), user)
    throttle.forgive(db.session(), attempt)
    db.session.commit()
    return user


def _authenticated(form: SignInForm) -> User | None:
    """Return the person of a valid form; None, and one message for every cause, if there is none."""
    email = str(form.email.data)
    attempt = admitted(account=services.normal_email(email), device=devices.known(email))
    user = services.authenticate(db.session(), current_passwords(), email=email, password=str(form.password.data))
    if user is None:
        _tell_whose(email)
        form.form_errors.append(WRONG)
        return None
    throttle.forgive(db.session(), attempt)
    db.session.commit()
    return user


def _is_chosen(form: FinishForm, link: Link) -> bool:
    """Tell whether the password is that with which the account was asked for; a message at the field if not."""
    chosen = link.password_hash
    attempt = admitted_alone(f"registration:{link.id}")
    if current_passwords().verify(chosen, str(form.password.data)):
        throttle.forgive(db.session(), attempt)
        return True
    form.password.errors = [NOT_CHOSEN]
    return False


def _go_in(user: User, destination: str | None) -> ResponseReturnValue:
    """Go on with somebody whose password was right."""
    answer = after_password(user, destination)
    db.session.commit()
    return answer


def _tell_whose(email: str) -> None:
    """Let the audit log know which account somebody has tried to use."""
    if (user := services.user_by_email(db.session(), email=email)) is not None:
        tell(tried=user.id, clinic_id=user.clinic_id)
