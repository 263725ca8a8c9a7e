"""The page of the clinic, for its administrators: what it is called, who is a member, and in which role."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.auth.proof import asks_again
from app.auth.tables import User
from app.auth.two_factor.selectors import with_second_factor
from app.clinics import services
from app.clinics.forms import ClinicForm, RoleForm
from app.clinics.selectors import member_of, members_of
from app.extensions import db
from app.security.roles import ROLES, for_administrators

blueprint = Blueprint("clinics", __name__)


@blueprint.get("/clinic")
@for_administrators
def show() -> ResponseReturnValue:
    """Show who belongs to the clinic."""
    return _page(ClinicForm(formdata=None, obj=_user().clinic))


@blueprint.post("/clinic")
@for_administrators
def rename() -> ResponseReturnValue:
    """Give the clinic another name."""
    form = ClinicForm()
    if not form.validate_on_submit():
        return _page(form), 422
    services.rename(db.session(), _user().clinic, name=form.name.data or "", by=_user())
    return _done("The clinic's name is changed.")


@blueprint.post("/clinic/members/<public_id>/role")
@for_administrators
@asks_again
def give_role(public_id: str) -> ResponseReturnValue:
    """Give a member another role."""
    member, form = _member(public_id), RoleForm()
    if not form.validate_on_submit():
        return _page(ClinicForm(formdata=None, obj=_user().clinic)), 422
    services.give_role(db.session(), member, role=form.role.data, by=_user())
    return _done(f"{member.name}: {ROLES[member.role].lower()}.")


@blueprint.post("/clinic/members/<public_id>/disable")
@for_administrators
@asks_again
def disable(public_id: str) -> ResponseReturnValue:
    """End a member's sessions and tokens, and let nobody sign in to the account."""
    member = _member(public_id)
    services.disable(db.session(), member, by=_user())
    return _done(f"The account of {member.name} is disabled.")


@blueprint.post("/clinic/members/<public_id>/enable")
@for_administrators
def enable(public_id: str) -> ResponseReturnValue:
    """Let a disabled member sign in again."""
    member = _member(public_id)
    services.enable(db.session(), member, by=_user())
    return _done(f"{member.name} can sign in again.")


@blueprint.post("/clinic/members/<public_id>/second-step/reset")
@for_administrators
@asks_again
def reset_second_step(public_id: str) -> ResponseReturnValue:
    """Let a member whose phone is lost sign in with the password alone, to set up another second step."""
    member = _member(public_id)
    services.reset_second_step(db.session(), member, by=_user())
    return _done(f"The second step of {member.name} is reset, and all devices are signed out.")


@blueprint.post("/clinic/members/<public_id>/remove")
@for_administrators
@asks_again
def remove(public_id: str) -> ResponseReturnValue:
    """Let a member see nothing of the clinic any more; all records stay."""
    member = _member(public_id)
    services.remove(db.session(), member, by=_user())
    return _done(f"{member.name} is no member of the clinic any more.")


def _page(form: ClinicForm) -> str:
    members = db.session.scalars(members_of(_user())).all()
    secured = with_second_factor(db.session(), members_of(_user()))
    return render_template("clinics/show.html", form=form, clinic=_user().clinic, members=members, secured=secured)


def _done(sentence: str) -> ResponseReturnValue:
    db.session.commit()
    flash(sentence, "success")
    return redirect(url_for("clinics.show"), 303)


def _member(public_id: str) -> User:
    return member_of(db.session(), _user(), public_id)


def _user() -> User:
    user: User = current_user._get_current_object()
    return user
