"""Pages of the own account."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf import FlaskForm

from app.auth import changing, proof, sign_ins
from app.auth.account.forms import ChangePasswordForm, EmailForm, NameForm
from app.auth.links import carrying
from app.auth.links import services as links
from app.auth.passwords import current_passwords
from app.auth.proof import asks_again
from app.auth.services import EmailTakenError
from app.auth.sessions import current_sign_in, renew_session, times
from app.auth.tables import User
from app.clock import now
from app.extensions import db
from app.security.roles import for_every_role

blueprint = Blueprint("account", __name__)


@blueprint.route("/account", methods=["GET", "POST"])
@for_every_role
def show() -> ResponseReturnValue:
    """Show the person's account, and give them another name."""
    form = NameForm(obj=current_user)
    if not form.validate_on_submit():
        rows = sign_ins.current_of(db.session(), user=_user(), at=now(), times=times())
        page = render_template("account/show.html", form=form, rows=rows, here=current_sign_in(), times=times())
        return page, 422 if form.is_submitted() else 200
    _user().name = form.name.data or ""
    return _done("Your name is changed.")


@blueprint.get("/account/here")
def here() -> ResponseReturnValue:
    """Answer a page in which somebody is at work without asking for others, such as a long form."""
    return "", HTTPStatus.NO_CONTENT


@blueprint.route("/account/password", methods=["GET", "POST"])
@for_every_role
def password() -> ResponseReturnValue:
    """Give the person another password, for the present one; whoever has a second factor proves that first."""
    if proof.password_is_too_little():  # asked before the form: what is typed there is not carried along
        return redirect(url_for("auth.confirm", next=url_for("account.password")), 303)
    form = ChangePasswordForm(_user())
    if not form.validate_on_submit() or not _is_present(form):
        return render_template("account/password.html", form=form), 422 if form.is_submitted() else 200
    changing.set_password(
        db.session(),
        current_passwords(),
        user=_user(),
        password=form.password.data or "",
        here=current_sign_in(),
        programs_too=form.programs_too.data,
    )
    renew_session()
    return _done("Your password is changed, and all other devices are signed out.")


@blueprint.route("/account/email", methods=["GET", "POST"])
@for_every_role
@asks_again
def email() -> ResponseReturnValue:
    """Give the person another e-mail address; once it is confirmed, where mail is sent."""
    form, mail = EmailForm(), current_app.config["SETTINGS"].mail_url is not None
    if form.validate_on_submit() and (mail or _has_changed(form)):
        if not mail:
            return _done("Your e-mail address is changed. Sign in with it from now on.")
        changing.ask_to_confirm_email(db.session(), user=_user(), email=form.email.data or "")
        return _done(f"We have written to {form.email.data}. Follow the link in the message to confirm the address.")
    return render_template("account/email.html", form=form, mail=mail), 422 if form.is_submitted() else 200


@blueprint.get("/account/email/<token>")
def open_link(token: str) -> ResponseReturnValue:
    """Take the token of a mailed link out of the address."""
    carrying.carry(links.EMAIL, token)
    return redirect(url_for("account.confirm_email"), 303)


@blueprint.route("/account/email/confirm", methods=["GET", "POST"])
@for_every_role
def confirm_email() -> ResponseReturnValue:
    """Make the e-mail address to which a link was mailed the person's."""
    form, token = FlaskForm(), carrying.carried(links.EMAIL)
    if not form.validate_on_submit():
        link = links.look_at(db.session(), purpose=links.EMAIL, token=token)
        return render_template("account/confirm_email.html", form=form, link=link)
    changing.confirm_email(db.session(), user=_user(), token=token)
    carrying.put_down()
    renew_session()
    return _done("Your e-mail address is changed. Sign in with it from now on.")


@blueprint.post("/account/sign-ins/<public_id>/end")
@for_every_role
@asks_again
def end_sign_in(public_id: str) -> ResponseReturnValue:
    """Sign out one of the person's devices."""
    sign_ins.end_one_of(db.session(), user=_user(), public_id=public_id)
    return _done("That device is signed out.")


@blueprint.post("/account/sign-ins/end-others")
@for_every_role
@asks_again
def end_others() -> ResponseReturnValue:
    """Sign out all of the person's other devices."""
    sign_ins.end_all_of(db.session(), user=_user(), but=current_sign_in())
    return _done("All other devices are signed out.")


def _has_changed(form: EmailForm) -> bool:
    """Give the person the address of a valid form; False, and a message at the field, if another has it."""
    try:
        changing.set_email(db.session(), user=_user(), email=form.email.data or "")
    except EmailTakenError as error:
        form.email.errors = [error.message]
        return False
    return True


def _is_present(form: ChangePasswordForm) -> bool:
    problem = proof.problem_with_password(_user(), form.present.data or "")
    if problem is not None:
        form.present.errors = [problem]
    return problem is None


def _done(sentence: str) -> ResponseReturnValue:
    db.session.commit()
    flash(sentence, "success")
    return redirect(url_for("account.show"), 303)


def _user() -> User:
    user: User = current_user._get_current_object()
    return user
