"""Pages of the batches: list, progress, results, what can be done with one."""

from __future__ import annotations

from flask import (
    Blueprint,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    stream_with_context,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.auth.proof import asks_again
from app.auth.tables import User
from app.batches import services
from app.batches.export import csv_rows, file_name
from app.batches.index import page_of as index_of
from app.batches.listing import MOST_FAILED, failed_of, page_of
from app.batches.overview import overview_pdf
from app.batches.progress import WORKING, progress_of
from app.batches.selectors import batch_of
from app.batches.tables import CANCELLED, FAILED, Batch
from app.extensions import db
from app.live import Part, drawn, live_part
from app.security.downloads import download
from app.spreadsheet import csv_file
from app.storage import current_storage

blueprint = Blueprint("batches", __name__)


@blueprint.get("/batches")
def index() -> ResponseReturnValue:
    """List the person's batches, newest first."""
    page = index_of(db.session(), _user(), after=request.args.get("after"))
    return render_template("batches/index.html", page=page)


@blueprint.get("/batches/<public_id>")
def show(public_id: str) -> ResponseReturnValue:
    """Show a batch: what is still to be sent, how far it is, what failed, and the results."""
    batch, session, user = _batch(public_id), db.session(), _user()
    sort, after = request.args.get("sort", ""), request.args.get("after")
    return render_template(
        "batches/show.html",
        batch=batch,
        progress=progress_of(session, batch),
        results=page_of(session, user, batch, sort=sort, after=after),
        failed=failed_of(session, batch),
        most_failed=MOST_FAILED,
        settings=current_app.config["SETTINGS"],
    )


@live_part("batch")
def progress(public_id: str) -> Part:
    """Tell how far a batch is."""
    progress = progress_of(db.session(), _batch(public_id))
    return drawn("batches/_progress.html", last=progress.state != WORKING, progress=progress)


@blueprint.post("/batches/<public_id>/cancel")
def cancel(public_id: str) -> ResponseReturnValue:
    """Leave what still waits."""
    batch = _batch(public_id)
    services.cancel(db.session(), batch)
    return _done(batch, "The batch is cancelled. What was analysed before is kept.")


@blueprint.post("/batches/<public_id>/resume")
def resume(public_id: str) -> ResponseReturnValue:
    """Go on with what was cancelled."""
    batch = _batch(public_id)
    count = services.take_up(db.session(), batch, CANCELLED)
    return _done(batch, f"Work goes on with {count:,} {'file' if count == 1 else 'files'}.")


@blueprint.post("/batches/<public_id>/retry")
def retry(public_id: str) -> ResponseReturnValue:
    """Try again what failed, where that may help."""
    batch = _batch(public_id)
    count = services.take_up(db.session(), batch, FAILED)
    return _done(batch, f"{count:,} {'file is' if count == 1 else 'files are'} tried again.")


@blueprint.post("/batches/<public_id>/delete")
@asks_again
def delete(public_id: str) -> ResponseReturnValue:
    """Delete a batch; its tests stay."""
    services.remove(db.session(), _batch(public_id))
    db.session.commit()
    flash("The batch is deleted. The tests that were made of it are kept.", "success")
    return redirect(url_for("batches.index"), 303)


@blueprint.get("/batches/<public_id>/results.csv")
@asks_again
def results_csv(public_id: str) -> ResponseReturnValue:
    """Answer all files of a batch as a table, while it is read; its name tells nothing of the patients."""
    batch = _batch(public_id)
    rows = csv_rows(db.session(), _user(), batch)
    return download(stream_with_context(csv_file(rows)), "text/csv", file_name(batch, "csv"))


@blueprint.get("/batches/<public_id>/results.pdf")
@asks_again
def results_pdf(public_id: str) -> ResponseReturnValue:
    """Answer the results of a batch as one document."""
    batch = _batch(public_id)
    clinic = current_app.config["SETTINGS"].clinic_name
    pdf = overview_pdf(db.session(), current_storage(), _user(), batch, clinic=clinic)
    return download(pdf, "application/pdf", file_name(batch, "pdf"))


def _done(batch: Batch, sentence: str) -> ResponseReturnValue:
    db.session.commit()
    flash(sentence, "success")
    return redirect(url_for("batches.show", public_id=batch.public_id), 303)


def _user() -> User:
    user: User = current_user._get_current_object()
    return user


def _batch(public_id: str) -> Batch:
    return batch_of(db.session(), _user(), public_id)
