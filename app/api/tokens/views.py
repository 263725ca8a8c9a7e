"""Pages of the access tokens: their list, a new one, which is shown once, and revoking."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.exc import IntegrityError

from app.api.tokens import services
from app.api.tokens.forms import TokenForm
from app.api.tokens.scopes import SCOPES
from app.api.tokens.selectors import all_tokens_of, token_of
from app.api.tokens.services import IssuedBeforeError, TooManyTokensError
from app.api.tokens.tables import AccessToken
from app.auth.proof import asks_again
from app.auth.tables import User
from app.extensions import db
from app.security.roles import for_every_role

blueprint = Blueprint("tokens", __name__)


@blueprint.route("/tokens", methods=["GET", "POST"])
@asks_again
@for_every_role
def index() -> ResponseReturnValue:
    """List the person's access tokens; make the one that is asked for and show it, this once."""
    form = TokenForm()
    if not form.validate_on_submit():
        return _page(form), 422 if form.is_submitted() else 200
    try:
        row, token = _issued(form)
    except IssuedBeforeError as error:
        return _page(_fresh(), repeated=error.row.name), error.status
    except TooManyTokensError as error:
        form.name.errors = [error.message]
        return _page(form), error.status
    return _page(_fresh(), issued=token, issued_name=row.name), 201


@blueprint.post("/tokens/<public_id>/revoke")
@for_every_role
def revoke(public_id: str) -> ResponseReturnValue:
    """Make a token worthless at once."""
    db.session.delete(token_of(db.session(), _user(), public_id))
    db.session.commit()
    flash("The access token is revoked: nobody can use it any more.", "success")
    return redirect(url_for("tokens.index"), 303)


def _issued(form: TokenForm) -> tuple[AccessToken, str]:
    """Make the token and commit it; of one form sent twice at once, the second finds what the first has made."""
    try:
        made = _issue(form)
    except IntegrityError:
        db.session.rollback()
        made = _issue(form)
    db.session.commit()
    return made


def _issue(form: TokenForm) -> tuple[AccessToken, str]:
    return services.issue(
        db.session(),
        owner=_user(),
        name=form.name.data or "",
        scope=form.scope.data,
        lifetime=form.lifetime,
        public_id=form.once.data,
    )


def _fresh() -> TokenForm:
    return TokenForm(formdata=None)


def _page(
    form: TokenForm, *, issued: str | None = None, issued_name: str | None = None, repeated: str | None = None
) -> str:
    rows = all_tokens_of(db.session(), _user())
    return render_template(
        "api/tokens.html",
        form=form,
        rows=rows,
        scopes=SCOPES,
        issued=issued,
        issued_name=issued_name,
        repeated=repeated,
    )


def _user() -> User:
    user: User = current_user._get_current_object()
    return user
