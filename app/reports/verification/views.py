"""Pages where anybody who holds a report can verify it."""

from __future__ import annotations

import hashlib

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth import throttle
from app.extensions import db
from app.reports.codes import MistypedError, grouped, read_code
from app.reports.verification.finding import Finding, find
from app.reports.verification.forms import CodeForm, FileForm
from app.security.gate import open_to_everyone

blueprint = Blueprint("verification", __name__)

PURPOSE = "verification"


@blueprint.route("/verify", methods=["GET", "POST"])
@open_to_everyone
def ask() -> ResponseReturnValue:
    """Ask for a code, and go on to what is known of it."""
    form = CodeForm()
    if not form.validate_on_submit():
        return render_template("reports/verify.html", form=form), 422 if form.is_submitted() else 200
    return redirect(url_for("verification.show", code=grouped(form.canonical)), 303)


@blueprint.route("/verify/<code>", methods=["GET", "POST"])
@open_to_everyone
def show(code: str) -> ResponseReturnValue:
    """Say whether the report with a code is genuine and still stands; compare a file that is sent with it."""
    try:
        finding = _found(read_code(code))
    except MistypedError as error:
        form = CodeForm(formdata=None, data={"code": code})
        form.code.errors = [error.message]
        return render_template("reports/verify.html", form=form), error.status
    if finding is None:
        return render_template("reports/unknown.html", code=code), 404
    form = FileForm()
    sent = form.file.data if form.validate_on_submit() else None
    page = render_template(
        "reports/verified.html",
        finding=finding,
        form=form,
        digest=None if sent is None else hashlib.file_digest(sent.stream, "sha256").hexdigest(),
    )
    return page, 422 if form.errors else 200


def _found(code: str) -> Finding | None:
    """Look a code up; codes that no report has are counted like failed sign-ins, and bring the same pause."""
    session, settings = db.session(), current_app.config["SETTINGS"]
    limits = throttle.Limits.of(settings, current_app.config["SECRET_KEY"])
    attempt = throttle.begin(session, limits, account=None, address=request.remote_addr or "", purpose=PURPOSE)
    session.commit()
    seconds = throttle.seconds_to_wait(session, limits, attempt)
    finding = None if seconds else find(session, code)
    if seconds or finding is not None:
        throttle.forget(session, attempt)
        session.commit()
    if seconds:
        raise throttle.refusal(seconds)
    return finding
