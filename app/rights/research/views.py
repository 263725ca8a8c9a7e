"""Pages of the export for research: what it would hold, photographs that a person has to look at, the export itself."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf import FlaskForm

from app.auth.proof import asks_again
from app.auth.tables import User
from app.clock import now
from app.extensions import db
from app.interop.dicom.records import Nature
from app.interop.dicom.selectors import nature_of
from app.interop.dicom.services import say
from app.results.tables import Analysis
from app.rights.export.views import ZIP
from app.rights.research.forms import ExportForm
from app.rights.research.selectors import agreed_tests_of, cells_of, doubtful_of, extent_of
from app.rights.research.writing import research_export
from app.security.downloads import download
from app.security.roles import for_administrators
from app.storage import current_storage

blueprint = Blueprint("research", __name__)

AT_ONCE = 24  # photographs on a page
SMALL = 5  # patients: groups of fewer are listed before the download
MOST_LISTED = 40


@blueprint.route("/research", methods=["GET", "POST"])
@for_administrators
@asks_again
def index() -> ResponseReturnValue:
    """Say what an export would hold, and who could be told from it; sent by POST, answer it."""
    session, user, form = db.session(), _user(), ExportForm()
    if form.validate_on_submit():
        return _exported(form.fewest.data)
    cells = sorted(cells_of(session, user).items(), key=lambda cell: (cell[1], str(cell[0])))
    page = render_template(
        "rights/research.html",
        form=form,
        extent=extent_of(session, user),
        smallest=cells[0][1] if cells else None,
        small=[cell for cell in cells if cell[1] < SMALL][:MOST_LISTED],
        more=sum(count < SMALL for _, count in cells) - MOST_LISTED,
    )
    return page, 422 if form.is_submitted() else 200


@blueprint.route("/research/photographs", methods=["GET", "POST"])
@for_administrators
def photographs() -> ResponseReturnValue:
    """Show photographs that may tell who it is, and write down of which a person says that they don't."""
    session, user, form = db.session(), _user(), FlaskForm()
    if form.validate_on_submit():
        ticked = request.form.getlist("nothing")[:AT_ONCE]
        chosen = session.scalars(agreed_tests_of(user).where(Analysis.public_id.in_(ticked))).all()
        for analysis in chosen:
            known = nature_of(session, analysis) or Nature()
            say(session, analysis, Nature(dermoscopic=known.dermoscopic, anonymous=True))
        session.commit()
        flash(f"{len(chosen)} {'photograph' if len(chosen) == 1 else 'photographs'} can be exported now.", "success")
        return redirect(url_for("research.photographs"), 303)
    listed = doubtful_of(session, user, AT_ONCE)
    return render_template("rights/photographs.html", form=form, listed=listed, extent=extent_of(session, user))


def _exported(fewest: int) -> Response:
    pieces = research_export(db.session(), current_storage(), user=_user(), fewest=fewest)
    return download(stream_with_context(piece for piece in pieces if piece), ZIP, f"research-{now():%Y-%m-%d}.zip")


def _user() -> User:
    user: User = current_user._get_current_object()
    return user
