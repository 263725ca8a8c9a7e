"""Pages for whoever has forgotten the password."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.audit import tell
from app.auth import changing, devices, letters
from app.auth.admission import admitted, is_admitted
from app.auth.links import carrying
from app.auth.links import services as links
from app.auth.passwords import current_passwords
from app.auth.reset.forms import ForgottenForm, ResetForm
from app.auth.tables import User
from app.extensions import db
from app.mail import post
from app.security.gate import open_to_everyone

blueprint = Blueprint("reset", __name__)


@blueprint.route("/forgotten", methods=["GET", "POST"])
@open_to_everyone
def ask() -> ResponseReturnValue:
    """Have a link mailed; the answer is the same whether there is such an account or not, and takes as long."""
    form = ForgottenForm()
    mail = current_app.config["SETTINGS"].sends_mail
    if not mail or not form.validate_on_submit():
        return render_template("reset/ask.html", form=form, mail=mail), 422 if form.is_submitted() else 200
    admitted(account=None, purpose="forgotten")
    address = form.email.data or ""
    if is_admitted(account=f"forgotten:{address}"):
        post(db.session(), kind=letters.RESET, address=address)  # who that is, the worker finds out
    db.session.commit()
    return redirect(url_for("reset.asked"), 303)


@blueprint.get("/forgotten/asked")
@open_to_everyone
def asked() -> ResponseReturnValue:
    """Say what happens next."""
    return render_template("reset/asked.html")


@blueprint.get("/reset/<token>")
@open_to_everyone
def open_link(token: str) -> ResponseReturnValue:
    """Take the token of a mailed link out of the address."""
    carrying.carry(links.RESET, token)
    return redirect(url_for("reset.choose"), 303)


@blueprint.route("/reset", methods=["GET", "POST"])
@open_to_everyone
def choose() -> ResponseReturnValue:
    """Give the person to whom a link was mailed another password, once."""
    session, token = db.session(), carrying.carried(links.RESET)
    user = session.get_one(User, links.look_at(session, purpose=links.RESET, token=token).user_id)
    tell(tried=user.id, clinic_id=user.clinic_id)
    form = ResetForm(user)
    if not form.validate_on_submit():
        return render_template("reset/choose.html", form=form, user=user), 422 if form.is_submitted() else 200
    changing.reset_password(
        session,
        current_passwords(),
        token=token,
        password=form.password.data or "",
        programs_too=form.programs_too.data,
    )
    session.commit()
    carrying.put_down()
    devices.remember(user.email)
    flash("Your password is changed, and all devices are signed out. Please sign in with the new one.", "success")
    return redirect(url_for("auth.sign_in"), 303)
