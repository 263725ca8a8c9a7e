"""Pages of a person's own second factors: what there is, the authenticator app, the recovery codes."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.exc import IntegrityError

from app.auth.passkeys.selectors import all_passkeys_of
from app.auth.proof import asks_again
from app.auth.sessions import current_sign_in, renew_session
from app.auth.tables import User
from app.auth.two_factor import changes, codes, recovery, services
from app.auth.two_factor.enforcement import is_required_of, without_second_factor
from app.auth.two_factor.forms import CodeForm
from app.auth.two_factor.selectors import factors_of
from app.extensions import db
from app.security.redirects import own_page
from app.security.roles import for_every_role

blueprint = Blueprint("own_factors", __name__, url_prefix="/account/second-step")

WRONG_CODE = "This code does not belong to the key on this page. Please enter the one that the app shows now."
GONE = "The key was not confirmed within 15 minutes. Please begin again."


@blueprint.get("")
@without_second_factor
def show() -> ResponseReturnValue:
    """Show which second factors the person has."""
    user = _user()
    return render_template(
        "auth/two_factor/own.html",
        factors=factors_of(db.session(), user),
        passkeys=all_passkeys_of(db.session(), user),
        required=is_required_of(user),
        next=_next(),
    )


@blueprint.post("/app")
@for_every_role
@without_second_factor
@asks_again
def start() -> ResponseReturnValue:
    """Make a key for an authenticator app, which counts once a code of it was entered."""
    user_id = _user().id
    try:
        services.start(db.session(), user_id=user_id)
    except IntegrityError:  # sent twice at once: the other one has made the key
        db.session.rollback()
    db.session.commit()
    return redirect(url_for("own_factors.app", next=_next()), 303)


@blueprint.get("/app")
@without_second_factor
@asks_again
def app() -> ResponseReturnValue:
    """Show the key that waits to be confirmed, as QR code and as text."""
    return _app_page(CodeForm())


@blueprint.post("/app/confirm")
@for_every_role
@without_second_factor
@asks_again
def confirm() -> ResponseReturnValue:
    """Let the key count, if the code is its; show the recovery codes if these are the account's first."""
    form, user = CodeForm(), _user()
    if not form.validate_on_submit():
        return _app_page(form)
    if not services.confirm(db.session(), user_id=user.id, code=str(form.code.data)):
        form.wrong(WRONG_CODE)
        return _app_page(form)
    shown = changes.added(db.session(), user, here=current_sign_in())
    renew_session()
    db.session.commit()
    flash("Your authenticator app is set up. From now on its code is asked for when you sign in.", "success")
    return codes_page(shown) if shown else redirect(url_for("own_factors.show", next=_next()), 303)


@blueprint.post("/app/remove")
@for_every_role
@asks_again
def remove_app() -> ResponseReturnValue:
    """Forget the authenticator app."""
    session, user = db.session(), _user()
    changes.hold(session, user)
    services.remove(session, user_id=user.id)
    changes.removed(session, user, here=current_sign_in(), required=is_required_of(user))
    renew_session()
    session.commit()
    flash("Your authenticator app is removed: its codes count no more.", "success")
    return redirect(url_for("own_factors.show"), 303)


@blueprint.post("/recovery-codes")
@for_every_role
@asks_again
def renew_codes() -> ResponseReturnValue:
    """Replace the recovery codes, and show the new ones, this once."""
    session, user = db.session(), _user()
    changes.hold(session, user)
    if not factors_of(session, user).any:
        session.rollback()
        flash("Recovery codes are for accounts with an authenticator app or a passkey.", "warning")
        return redirect(url_for("own_factors.show"), 303)
    shown = recovery.renew(session, user_id=user.id)
    session.commit()
    return codes_page(shown)


def codes_page(shown: list[str]) -> ResponseReturnValue:
    """Show recovery codes; nobody can see them again."""
    return render_template("auth/two_factor/codes.html", codes=shown, next=_next()), 201


def _app_page(form: CodeForm) -> ResponseReturnValue:
    secret = services.candidate(db.session(), user_id=_user().id)
    if secret is None:
        flash(GONE, "warning")
        return redirect(url_for("own_factors.show", next=_next()), 303)
    shown = render_template(
        "auth/two_factor/app.html",
        form=form,
        key=codes.in_groups(secret),
        qr=codes.drawn(codes.address(secret, _user().email)),
        next=_next(),
    )
    return shown, 422 if form.is_submitted() else 200


def _next() -> str | None:
    return own_page(request.args.get("next"))


def _user() -> User:
    return cast(User, current_user._get_current_object())
