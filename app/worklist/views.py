"""Pages of the worklist: all sections, one at length, and letting a photograph be."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.auth.tables import User
from app.errors import NotFoundError
from app.extensions import db
from app.results.retakes import dismiss, restore
from app.results.selectors import analyses_of, analysis_of
from app.results.tables import DISMISSED, Analysis
from app.worklist.listing import MOST_COUNTED, counts_of, page_of
from app.worklist.sections import Section, sections_of

blueprint = Blueprint("worklist", __name__)

FIRST = 5  # items of each section on the worklist itself
PAGE_LENGTH = 20


@blueprint.get("/worklist")
def index() -> ResponseReturnValue:
    """Show the beginning of every section in which something waits."""
    user, counts = _user(), _counts()
    pages = [(section, page_of(db.session(), user, section, FIRST)) for section in sections_of(user)]
    waiting = [(section, page, in_words(counts[section.code])) for section, page in pages if page.rows]
    return render_template("worklist/index.html", sections=waiting, dismissed=_dismissed())


@blueprint.get("/worklist/<code>")
def section(code: str) -> ResponseReturnValue:
    """Show what waits in one section."""
    shown = _section(code)
    page = page_of(db.session(), _user(), shown, PAGE_LENGTH, request.args.get("after"))
    total = in_words(_counts()[shown.code])
    return render_template("worklist/section.html", section=shown, page=page, total=total, dismissed=_dismissed())


@blueprint.post("/worklist/retakes/<public_id>/dismiss")
def dismiss_retake(public_id: str) -> ResponseReturnValue:
    """Let a photograph be that should have been taken again; the next page offers to take that back."""
    dismiss(analysis_of(db.session(), _user(), public_id))
    db.session.commit()
    return redirect(url_for("worklist.index", dismissed=public_id), 303)


@blueprint.post("/worklist/retakes/<public_id>/restore")
def restore_retake(public_id: str) -> ResponseReturnValue:
    """List such a photograph again."""
    restore(db.session(), analysis_of(db.session(), _user(), public_id))
    db.session.commit()
    flash("The photograph is to be taken again, unless an accepted one has followed.", "success")
    return redirect(url_for("worklist.index"), 303)


def in_words(count: int) -> str:
    """Write a count; beyond what is counted, that there are more."""
    return f"{MOST_COUNTED}+" if count > MOST_COUNTED else str(count)


def waiting_in_words() -> str:
    """Write how much waits for whoever is signed in, for the navigation; nothing if nothing does."""
    total = sum(_counts().values())
    return in_words(total) if total else ""


def _counts() -> dict[str, int]:
    """Count once for each page."""
    if "worklist_counts" not in g:
        g.worklist_counts = counts_of(db.session(), _user())
    counts: dict[str, int] = g.worklist_counts
    return counts


def _dismissed() -> Analysis | None:
    """Return the test that the address says was dismissed just now, if it still is."""
    public_id = request.args.get("dismissed")
    if public_id is None:
        return None
    return db.session.scalar(analyses_of(_user()).where(Analysis.public_id == public_id, Analysis.retake == DISMISSED))


def _section(code: str) -> Section:
    for section in sections_of(_user()):
        if section.code == code:
            return section
    raise NotFoundError("There is no such list.")


def _user() -> User:
    user: User = current_user._get_current_object()
    return user
