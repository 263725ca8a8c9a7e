"""Where a second factor is required: whoever has none is led to set one up, and reaches nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.auth.tables import User
from app.auth.two_factor.selectors import second_factor_of
from app.errors import AppError
from app.extensions import db
from app.security.gate import by_token, is_open, way_back

MARK = "without_second_factor"
REQUIRED, OF_ADMINISTRATORS = "required", "administrators"

View = TypeVar("View", bound=Callable[..., Any])


class SecondFactorNeededError(AppError):
    """The token's account has no second factor, and the site requires one."""

    status = 403
    kind = "second-factor-needed"
    title = "A second factor is needed"

    def __init__(self) -> None:
        super().__init__("This site requires a second factor. Set one up with a browser; then the token works again.")


def without_second_factor(view: View) -> View:
    """Mark a view that those may use who have to set up a second factor first."""
    setattr(view, MARK, True)
    return view


def is_required_of(user: User) -> bool:
    """Tell whether an account must have a second factor."""
    wanted = current_app.config["SETTINGS"].second_factor
    return bool(wanted == REQUIRED or (wanted == OF_ADMINISTRATORS and user.manages))


def init_app(app: Flask) -> None:
    """Stand before every page, behind the gate."""
    app.before_request(_lead_to_set_up)


def _lead_to_set_up() -> Response | None:
    """Lead whoever lacks a required factor to where it is set up; a program is told so."""
    endpoint = request.endpoint
    if endpoint is None or is_open(current_app, endpoint) or not current_user.is_authenticated:
        return None
    marked = getattr(current_app.view_functions.get(endpoint), MARK, False)
    if marked or not is_required_of(current_user) or second_factor_of(db.session(), current_user.id):
        return None
    if by_token():
        raise SecondFactorNeededError
    return redirect(url_for("own_factors.show", next=way_back()))
