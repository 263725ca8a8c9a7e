"""Pages of the saved filters: their list, and what changes them."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from app.auth.tables import User
from app.extensions import db
from app.results.forms import HistoryForm
from app.results.saved_filters import services
from app.results.saved_filters.forms import NameForm
from app.results.saved_filters.selectors import all_saved_filters_of, saved_filter_of
from app.results.saved_filters.services import SavedFilterError
from app.results.saved_filters.tables import SavedFilter
from app.security.roles import for_every_role

blueprint = Blueprint("saved_filters", __name__)


@blueprint.get("/previous_tests/saved")
def index() -> ResponseReturnValue:
    """List the person's saved filters, each with what can be done with it."""
    return render_template("results/saved_filters.html", saved=all_saved_filters_of(db.session(), _user()))


@blueprint.post("/previous_tests/saved")
@for_every_role
def save() -> ResponseReturnValue:
    """Keep what the history was asked for under a name, and lead back to it."""
    form = NameForm()
    asked = HistoryForm(MultiDict(parse_qsl(form.query.data or "")))
    query = asked.query if asked.validate() else {}
    if not query:
        flash("Please set a filter, or another order, before you save it.", "warning")
    elif not form.validate_on_submit():
        flash(form.trouble, "warning")
    else:
        _save(form.name.data or "", urlencode(query))
    address: dict[str, Any] = {**query}
    return redirect(url_for("results.previous_tests", **address), 303)


@blueprint.post("/previous_tests/saved/<public_id>/rename")
@for_every_role
def rename(public_id: str) -> ResponseReturnValue:
    """Give a saved filter another name."""
    saved, form = _saved(public_id), NameForm()
    if not form.validate_on_submit():
        flash(form.trouble, "warning")
        return _back()
    try:
        services.rename(db.session(), saved, owner=_user(), name=form.name.data or "")
    except SavedFilterError as error:
        flash(str(error), "warning")
        return _back()
    db.session.commit()
    flash("The saved filter has its new name.", "success")
    return _back()


@blueprint.post("/previous_tests/saved/<public_id>/delete")
@for_every_role
def delete(public_id: str) -> ResponseReturnValue:
    """Delete a saved filter; the tests that it finds stay."""
    db.session.delete(_saved(public_id))
    db.session.commit()
    flash("The saved filter is deleted. No test was touched.", "success")
    return _back()


def _save(name: str, query: str) -> None:
    try:
        services.save(db.session(), owner=_user(), name=name, query=query)
    except SavedFilterError as error:
        flash(str(error), "warning")
        return
    db.session.commit()
    flash(f"The filter is saved as “{name}”.", "success")


def _back() -> ResponseReturnValue:
    return redirect(url_for("saved_filters.index"), 303)


def _user() -> User:
    user: User = current_user._get_current_object()
    return user


def _saved(public_id: str) -> SavedFilter:
    return saved_filter_of(db.session(), _user(), public_id)
