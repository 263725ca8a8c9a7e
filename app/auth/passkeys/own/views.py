"""Pages of a person's own passkeys: a new one, removing one, and asking one for a proof."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, flash, jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from app.auth.passkeys import challenges, services
from app.auth.passkeys.asking import options_for, party
from app.auth.passkeys.ceremonies import RefusedPasskeyError, registered, registration_options
from app.auth.passkeys.forms import PasskeyForm
from app.auth.passkeys.proofs import PROOF
from app.auth.passkeys.selectors import all_passkeys_of, passkey_of
from app.auth.proof import asks_again
from app.auth.sessions import current_sign_in, renew_session
from app.auth.tables import User
from app.auth.two_factor import changes
from app.auth.two_factor.enforcement import is_required_of, without_second_factor
from app.auth.two_factor.own.views import codes_page
from app.extensions import db
from app.security.redirects import own_page
from app.security.roles import for_every_role

blueprint = Blueprint("own_passkeys", __name__, url_prefix="/account")

REGISTRATION = "registration"
HANDLE = "passkey_handle"
TOO_LONG = "Your device was not asked, or that took too long. Please try again."


@blueprint.get("/second-step/passkeys/new")
@without_second_factor
@asks_again
def new() -> ResponseReturnValue:
    """Show the form of a new passkey."""
    return _page(PasskeyForm())


@blueprint.post("/second-step/passkeys/options")
@for_every_role
@without_second_factor
@asks_again
def options() -> ResponseReturnValue:
    """Tell the browser how to make a passkey."""
    site, user = party(), _user()
    handle = services.handle_of(db.session(), user)
    session[HANDLE] = bytes_to_base64url(handle)
    known = [passkey.credential for passkey in all_passkeys_of(db.session(), user)]
    challenge = challenges.make(REGISTRATION)
    return jsonify(registration_options(site, challenge, email=user.email, name=user.name, handle=handle, known=known))


@blueprint.post("/second-step/passkeys")
@for_every_role
@without_second_factor
@asks_again
def register() -> ResponseReturnValue:
    """Keep the passkey that was made; show the recovery codes if these are the account's first."""
    form, user = PasskeyForm(), _user()
    challenge = challenges.take(REGISTRATION)
    if not form.validate() or challenge is None:
        if challenge is None or form.credential.errors:
            form.form_errors.append(TOO_LONG)
        return _page(form), 422
    try:
        made = registered(party(), challenge, str(form.credential.data))
        handle = base64url_to_bytes(session.pop(HANDLE, ""))
        services.register(db.session(), user=user, name=str(form.name.data), handle=handle, made=made)
    except (RefusedPasskeyError, services.TooManyPasskeysError) as error:
        form.form_errors.append(error.message)
        return _page(form), error.status
    shown = changes.added(db.session(), user, here=current_sign_in())
    renew_session()
    db.session.commit()
    flash("Your passkey is registered.", "success")
    return codes_page(shown) if shown else redirect(url_for("own_factors.show", next=_next()), 303)


@blueprint.post("/second-step/passkeys/<public_id>/remove")
@for_every_role
@asks_again
def remove(public_id: str) -> ResponseReturnValue:
    """Remove a passkey."""
    user = _user()
    changes.hold(db.session(), user)
    db.session.delete(passkey_of(db.session(), user, public_id))
    db.session.flush()
    changes.removed(db.session(), user, here=current_sign_in(), required=is_required_of(user))
    renew_session()
    db.session.commit()
    flash("The passkey is removed: nobody can sign in with it any more.", "success")
    return redirect(url_for("own_factors.show"), 303)


@blueprint.post("/confirm/passkey/options")
@for_every_role
@without_second_factor
def proof_options() -> ResponseReturnValue:
    """Tell the browser what to ask an authenticator for, as a proof: a passkey of the person."""
    return jsonify(options_for(PROOF, _user()))


def _page(form: PasskeyForm) -> str:
    party()
    return render_template("auth/passkeys/new.html", form=form, next=_next())


def _next() -> str | None:
    return own_page(request.args.get("next"))


def _user() -> User:
    return cast(User, current_user._get_current_object())
