"""Pages of the access tokens: their list, a new one, which is shown once, and revoking."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.api.tokens import services
from app.api.tokens.forms import TokenForm
from app.api.tokens.scopes import SCOPES
from app.api.tokens.selectors import all_tokens_of, token_of
from app.api.tokens.services import TooManyTokensError
from app.auth.tables import User
from app.extensions import db

blueprint = Blueprint("tokens", __name__)


@blueprint.route("/tokens", methods=["GET", "POST"])
def index() -> ResponseReturnValue:
    """List the person's access tokens; make the one that is asked for and show it, this once."""
    form = TokenForm()
    if not form.validate_on_submit():
        return _page(form), 422 if form.is_submitted() else 200
    try:
        row, token = services.issue(
            db.session(), owner=_user(), name=form.name.data or "", scope=form.scope.data, lifetime=form.lifetime
        )
    except TooManyTokensError as error:
        form.name.errors = [error.message]
        return _page(form), error.status
    db.session.commit()
    return _page(TokenForm(formdata=None), issued=token, issued_name=row.name), 201


@blueprint.post("/tokens/<public_id>/revoke")
def revoke(public_id: str) -> ResponseReturnValue:
    """Make a token worthless at once."""
    db.session.delete(token_of(db.session(), _user(), public_id))
    db.session.commit()
    flash("The access token is revoked: nobody can use it any more.", "success")
    return redirect(url_for("tokens.index"), 303)


def _page(form: TokenForm, issued: str | None = None, issued_name: str | None = None) -> str:
    rows = all_tokens_of(db.session(), _user())
    return render_template(
        "api/tokens.html", form=form, rows=rows, scopes=SCOPES, issued=issued, issued_name=issued_name
    )


def _user() -> User:
    user: User = current_user._get_current_object()
    return user
