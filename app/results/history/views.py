"""Pages of the history: the list, and the same as a table for a spreadsheet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.auth.proof import asks_again
from app.auth.tables import User
from app.clock import now
from app.extensions import db
from app.results.forms import HistoryForm
from app.results.history.export import MOST_EXPORTED, chosen_rows, found_rows
from app.results.history.listing import PAGE_LENGTH, page_of
from app.results.saved_filters.selectors import all_saved_filters_of
from app.security.downloads import download
from app.spreadsheet import csv_file

blueprint = Blueprint("history", __name__)


def previous_tests() -> ResponseReturnValue:
    """List the person's tests, as the form in the address asks for."""
    form, saved = HistoryForm(request.args), all_saved_filters_of(db.session(), _user())
    if not form.validate():
        return render_template("results/previous_tests.html", form=form, saved=saved, page=None), 400
    after, before = request.args.get("after"), request.args.get("before")
    page = page_of(db.session(), _user(), form.filters, after=after, before=before)
    return render_template("results/previous_tests.html", form=form, saved=saved, page=page, most=MOST_EXPORTED)


@blueprint.get("/previous_tests/export.csv")
@asks_again
def export() -> ResponseReturnValue:
    """Answer what is listed, or what was ticked of it, as CSV; the file's name tells nothing of anybody."""
    form = HistoryForm(request.args)
    ticked = request.args.getlist("test")[:PAGE_LENGTH]
    if not form.validate():
        return _back(request.args.to_dict())
    if "ticked" in request.args and not ticked:
        flash("Please tick the tests that you want to export, or export all that are found.", "warning")
        return _back(form.query)
    session, user = db.session(), _user()
    rows = chosen_rows(session, user, ticked) if ticked else found_rows(session, user, form.filters)
    return download(stream_with_context(csv_file(rows)), "text/csv", f"tests-{now():%Y-%m-%d}.csv")


def _back(query: Mapping[str, Any]) -> ResponseReturnValue:
    return redirect(url_for("results.previous_tests", **query), 303)


def _user() -> User:
    user: User = current_user._get_current_object()
    return user
