"""Pages of the issued reports: issue, look at, sign, download."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf import FlaskForm

from app.auth.tables import User
from app.extensions import db
from app.reports import services
from app.reports.addresses import verification_address
from app.reports.clinical import clinical_report
from app.reports.codes import MistypedError, grouped, read_code
from app.reports.documents import document_again, patient_named, patients_page, verdicts_in_force
from app.reports.files import issued_file
from app.reports.forms import AmendmentForm, IssueForm
from app.reports.prints import fingerprints
from app.reports.records import Document
from app.reports.selectors import Issued, report_of, reports_of_analysis
from app.reports.summary.forms import SummaryAmendmentForm, SummaryForm
from app.reports.tables import CLINICAL, SUMMARY
from app.results.presentation import card_of
from app.results.report import ClinicalReport
from app.results.selectors import analysis_of
from app.results.tables import Analysis
from app.results.verdicts.blind import require_shown
from app.security import downloads
from app.storage import current_storage
from config import Settings

blueprint = Blueprint("reports", __name__)


@blueprint.get("/results/<public_id>/report.pdf")
def working_copy(public_id: str) -> ResponseReturnValue:
    """Answer the report as the record is now, as a PDF that says that it is not issued."""
    analysis = _analysis(public_id)
    return _pdf(_clinical(analysis).drawn(), f"{analysis.created_at:%Y-%m-%d}-{analysis.public_id[:8]}")


@blueprint.route("/results/<public_id>/reports/new", methods=["GET", "POST"])
def new(public_id: str) -> ResponseReturnValue:
    """Issue the report of a test; where a signed one is replaced, say why first."""
    analysis = _analysis(public_id)
    replaced = services.newest_of(db.session(), analysis, CLINICAL)
    form = AmendmentForm() if replaced and replaced[1] else IssueForm()
    if not form.validate_on_submit():
        return _form("new", form, analysis=analysis, replaced=replaced)
    return _issued(analysis, CLINICAL, _clinical(analysis), form)


@blueprint.route("/results/<public_id>/reports/patient", methods=["GET", "POST"])
def new_summary(public_id: str) -> ResponseReturnValue:
    """Issue the patient's page of a test, once the clinician has chosen what happens next."""
    session, analysis = db.session(), _analysis(public_id)
    replaced, verdicts = services.newest_of(session, analysis, SUMMARY), verdicts_in_force(session, analysis)
    form = (SummaryAmendmentForm if replaced and replaced[1] else SummaryForm)(verdicts)
    if not form.validate_on_submit():
        return _form("new_summary", form, analysis=analysis, replaced=replaced, verdicts=verdicts)
    return _issued(analysis, SUMMARY, patients_page(session, analysis, form.chosen, _settings()), form)


@blueprint.get("/reports/<code>")
def show(code: str) -> ResponseReturnValue:
    """Show what was issued under a code, and what can be done with it."""
    analysis, issued = _report(code)
    return render_template(
        "reports/show.html",
        analysis=analysis,
        issued=issued,
        named=patient_named(issued.report),
        versions=reports_of_analysis(db.session(), _user(), analysis),
        fingerprints=fingerprints(issued.report),
        statement=services.STATEMENT,
    )


@blueprint.get("/reports/<code>/report.pdf")
def download(code: str) -> ResponseReturnValue:
    """Answer the file of a report."""
    analysis, issued = _report(code)
    return _pdf(issued_file(current_storage(), analysis, issued), f"report-{issued.code}")


@blueprint.post("/reports/<code>/sign")
def sign(code: str) -> ResponseReturnValue:
    """Sign a report."""
    analysis, issued = _report(code)
    if issued.signature is None:
        session, storage, user, report = db.session(), current_storage(), _user(), issued.report
        services.sign(
            session,
            storage,
            analysis=analysis,
            report=report,
            signer=user,
            document=document_again(
                session, storage, user=user, analysis=analysis, report=report, settings=_settings()
            ),
            verified_at=verification_address,
        )
        session.commit()
        flash("The report is signed. From now on it can only be amended.", "success")
    return redirect(url_for("reports.show", code=issued.code), 303)


def issued_reports(analysis: Analysis) -> Sequence[Issued]:
    """Return what was issued of a test of the signed-in person, the newest first, for any template."""
    return reports_of_analysis(db.session(), _user(), analysis)


def _issued(analysis: Analysis, kind: str, document: Document, form: FlaskForm) -> ResponseReturnValue:
    report = services.issue(
        db.session(),
        current_storage(),
        analysis=analysis,
        author=_user(),
        kind=kind,
        document=document,
        card=card_of(analysis),
        verified_at=verification_address,
        reason=form.data.get("reason"),
    )
    db.session.commit()
    flash("It is issued. Read it, then sign it.", "success")
    return redirect(url_for("reports.show", code=grouped(report.code)), 303)


def _form(name: str, form: FlaskForm, **shown: Any) -> ResponseReturnValue:
    page = render_template(f"reports/{name}.html", form=form, **shown)
    return page, 422 if form.is_submitted() else 200


def _clinical(analysis: Analysis) -> ClinicalReport:
    return clinical_report(db.session(), current_storage(), user=_user(), analysis=analysis, settings=_settings())


def _pdf(content: bytes, name: str) -> Response:
    """Answer a file to be kept; its name tells nothing of the patient."""
    return downloads.download(content, "application/pdf", f"{name}.pdf")


def _report(typed: str) -> tuple[Analysis, Issued]:
    """Return a report of the signed-in person; NotFoundError, and ConcealedError before the own assessment."""
    try:
        code = read_code(typed)
    except MistypedError:
        code = ""  # which no report has
    analysis, issued = report_of(db.session(), _user(), code)
    require_shown(_user(), analysis)
    return analysis, issued


def _analysis(public_id: str) -> Analysis:
    """Return an analysis of the signed-in person; NotFoundError, and ConcealedError before the own assessment."""
    analysis = analysis_of(db.session(), _user(), public_id)
    require_shown(_user(), analysis)
    return analysis


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


def _user() -> User:
    user: User = current_user._get_current_object()
    return user
