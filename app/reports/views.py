"""Pages of the issued reports: issue, look at, sign, download."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.auth.tables import User
from app.extensions import db
from app.reports import services
from app.reports.addresses import verification_address
from app.reports.codes import MistypedError, grouped, read_code
from app.reports.files import issued_file
from app.reports.forms import AmendmentForm, IssueForm
from app.reports.prints import fingerprints
from app.reports.selectors import Issued, report_of, reports_of_analysis
from app.reports.tables import CLINICAL
from app.results.presentation import card_of
from app.results.report.gathering import gathered_report
from app.results.selectors import analysis_of
from app.results.tables import Analysis
from app.results.verdicts.blind import require_shown
from app.storage import current_storage

blueprint = Blueprint("reports", __name__)


@blueprint.route("/results/<public_id>/reports/new", methods=["GET", "POST"])
def new(public_id: str) -> ResponseReturnValue:
    """Issue the report of a test; where a signed one is replaced, say why first."""
    session, analysis = db.session(), analysis_of(db.session(), _user(), public_id)
    require_shown(_user(), analysis)
    replaced = services.newest_of(session, analysis, CLINICAL)
    form = IssueForm() if replaced is None or replaced[1] is None else AmendmentForm()
    if not form.validate_on_submit():
        page = render_template("reports/new.html", analysis=analysis, form=form, replaced=replaced)
        return page, 422 if form.is_submitted() else 200
    report = services.issue(
        session,
        current_storage(),
        analysis=analysis,
        author=_user(),
        kind=CLINICAL,
        document=gathered_report(current_storage(), analysis, current_app.config["SETTINGS"]),
        card=card_of(analysis),
        verified_at=verification_address,
        reason=form.data.get("reason"),
    )
    session.commit()
    flash("The report is issued. Read it, then sign it.", "success")
    return redirect(url_for("reports.show", code=grouped(report.code)), 303)


@blueprint.get("/reports/<code>")
def show(code: str) -> ResponseReturnValue:
    """Show what was issued under a code, and what can be done with it."""
    analysis, issued = _report(code)
    return render_template(
        "reports/show.html",
        analysis=analysis,
        issued=issued,
        versions=reports_of_analysis(db.session(), _user(), analysis),
        fingerprints=fingerprints(issued.report),
        statement=services.STATEMENT,
    )


@blueprint.get("/reports/<code>/report.pdf")
def download(code: str) -> ResponseReturnValue:
    """Answer the file of a report; its name tells nothing of the patient."""
    analysis, issued = _report(code)
    response = Response(issued_file(current_storage(), analysis, issued), mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="lentigo-report-{issued.code}.pdf"'
    return response


@blueprint.post("/reports/<code>/sign")
def sign(code: str) -> ResponseReturnValue:
    """Sign a report."""
    analysis, issued = _report(code)
    if issued.signature is None:
        services.sign(
            db.session(),
            current_storage(),
            analysis=analysis,
            report=issued.report,
            signer=_user(),
            document=gathered_report(current_storage(), analysis, current_app.config["SETTINGS"]),
            verified_at=verification_address,
        )
        db.session.commit()
        flash("The report is signed. From now on it can only be amended.", "success")
    return redirect(url_for("reports.show", code=issued.code), 303)


def issued_reports(analysis: Analysis) -> Sequence[Issued]:
    """Return what was issued of a test of the signed-in person, the newest first, for any template."""
    return reports_of_analysis(db.session(), _user(), analysis)


def _report(typed: str) -> tuple[Analysis, Issued]:
    """Return a report of the signed-in person; NotFoundError, and ConcealedError before the own assessment."""
    analysis, issued = report_of(db.session(), _user(), _code(typed))
    require_shown(_user(), analysis)
    return analysis, issued


def _code(typed: str) -> str:
    try:
        return read_code(typed)
    except MistypedError:
        return ""  # which no report has


def _user() -> User:
    user: User = current_user._get_current_object()
    return user
