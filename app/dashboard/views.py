"""Home after sign-in, the dashboard, and its tables as files."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.auth.tables import User
from app.clock import now
from app.dashboard.activity import by_week, totals
from app.dashboard.cases import ENOUGH
from app.dashboard.counting import Scope, activity
from app.dashboard.forms import PeriodForm
from app.dashboard.overview import Overview, overview
from app.dashboard.period import last_weeks
from app.errors import NotFoundError
from app.extensions import db
from app.inference import current_classifiers
from app.results.selectors import recent_of
from app.security.downloads import download
from app.spreadsheet import csv_file

blueprint = Blueprint("dashboard", __name__)

WEEKS_AT_HOME = 12


@blueprint.get("/index")
def home() -> ResponseReturnValue:
    """Start a new test, or go on with one of the newest."""
    user, session = _user(), db.session()
    active = activity(session, Scope(user, last_weeks(WEEKS_AT_HOME, now().date())))
    return render_template(
        "dashboard/home.html",
        recent=recent_of(session, user),
        totals=totals(active, blind=user.blind),
        weeks=by_week(active, blind=user.blind),
    )


@blueprint.get("/dashboard")
def show() -> ResponseReturnValue:
    """Show everything that is counted of a period."""
    form = PeriodForm(request.args)
    if not form.validate():
        return render_template("dashboard/show.html", form=form, overview=None), 400
    found, period = _overview(form), form.chosen(now().date())
    form.offer(found.versions, None if found.answers is None else found.answers.version)
    return render_template("dashboard/show.html", form=form, overview=found, period=period, enough=ENOUGH)


@blueprint.get("/dashboard/<name>.csv")
def table(name: str) -> ResponseReturnValue:
    """Answer one table of a period as CSV."""
    form = PeriodForm(request.args)
    sheet = _overview(form).sheets.get(name) if form.validate() else None
    if sheet is None:
        raise NotFoundError("There is no such table for this period.")
    return download(csv_file(sheet.csv_rows), "text/csv", f"{name}-{now():%Y-%m-%d}.csv")


def _overview(form: PeriodForm) -> Overview:
    scope = Scope(_user(), form.chosen(now().date()))
    return overview(db.session(), scope, current_classifiers().cards(), form.classifier.data)


def _user() -> User:
    user: User = current_user._get_current_object()
    return user
