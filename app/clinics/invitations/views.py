"""Pages of the invitations: for administrators, and for whoever is invited."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.audit import tell
from app.auth.links import carrying
from app.auth.links.addresses import outside
from app.auth.passwords import current_passwords
from app.auth.proof import asks_again
from app.auth.services import EmailTakenError
from app.auth.tables import User
from app.auth.two_factor.steps import after_password
from app.clinics.invitations import services
from app.clinics.invitations.forms import AcceptanceForm, InvitationForm
from app.clinics.invitations.letters import INVITATION
from app.clinics.invitations.selectors import invitation_of, invitations_of
from app.extensions import db
from app.mail import post
from app.security.gate import open_to_everyone
from app.security.roles import for_administrators
from config import Settings

blueprint = Blueprint("invitations", __name__)


@blueprint.route("/clinic/invitations", methods=["GET", "POST"])
@for_administrators
@asks_again
def index() -> ResponseReturnValue:
    """List the open invitations to the clinic, and make another; without mail its link is shown, this once."""
    form = InvitationForm()
    if not form.validate_on_submit():
        return _page(form), 422 if form.is_submitted() else 200
    services.require_allowed(_settings())
    invitation = services.invite(db.session(), by=_user(), email=form.email.data or "", role=form.role.data)
    if _settings().mail_url is not None:
        post(db.session(), kind=INVITATION, address=invitation.email, about=invitation.id)
        return _done(f"{invitation.email} is invited by mail.")
    link = outside("invitations.open_link", token=services.give_out(invitation))
    db.session.commit()
    return _page(InvitationForm(formdata=None), link=link, invited=invitation.email), 201


@blueprint.post("/clinic/invitations/<public_id>/revoke")
@for_administrators
def revoke(public_id: str) -> ResponseReturnValue:
    """Make the link of an invitation worthless."""
    db.session.delete(invitation_of(db.session(), _user(), public_id))
    return _done("The invitation is revoked.")


@blueprint.get("/invitation/<token>")
@open_to_everyone
def open_link(token: str) -> ResponseReturnValue:
    """Take the token of an invitation's link out of the address."""
    carrying.carry(INVITATION, token)
    return redirect(url_for("invitations.accept"), 303)


@blueprint.route("/invitation", methods=["GET", "POST"])
@open_to_everyone
def accept() -> ResponseReturnValue:
    """Make the account of somebody who is invited, once, and sign in to it."""
    if current_user.is_authenticated:
        flash("You are signed in. Sign out first to accept an invitation with another account.", "warning")
        return redirect(url_for("dashboard.home"), 303)
    services.require_allowed(_settings())
    session, token = db.session(), carrying.carried(INVITATION)
    invitation = services.look_at(session, token=token)
    form = AcceptanceForm(invitation)
    user = _accepted(form, token) if form.validate_on_submit() else None
    if user is None:
        page = render_template("invitations/accept.html", form=form, invitation=services.look_at(session, token=token))
        return page, 422 if form.is_submitted() else 200
    tell(tried=user.id, clinic_id=user.clinic_id)
    answer = after_password(user, None)
    session.commit()
    return answer


def _accepted(form: AcceptanceForm, token: str) -> User | None:
    """Make the account of a valid form; None, and a message, if there is one for the e-mail address."""
    name, password = form.name.data or "", form.password.data or ""
    try:
        return services.accept(db.session(), current_passwords(), token=token, name=name, password=password)
    except EmailTakenError as error:  # rolled back: the invitation stays
        form.form_errors.append(error.message)
        return None


def _page(form: InvitationForm, *, link: str | None = None, invited: str | None = None) -> str:
    rows = db.session.scalars(invitations_of(_user())).all()
    return render_template(
        "invitations/index.html",
        form=form,
        rows=rows,
        link=link,
        invited=invited,
        closed=_settings().registration == "closed",
        mail=_settings().mail_url is not None,
    )


def _done(sentence: str) -> ResponseReturnValue:
    db.session.commit()
    flash(sentence, "success")
    return redirect(url_for("invitations.index"), 303)


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


def _user() -> User:
    user: User = current_user._get_current_object()
    return user
