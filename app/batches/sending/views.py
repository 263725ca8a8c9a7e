"""Send photographs for a batch: all with one form, or one by one from the page's script, which loses none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, current_app, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.exc import IntegrityError
from werkzeug.datastructures import FileStorage

from app.auth.tables import User
from app.batches import services
from app.batches.forms import BatchForm, SheetForm
from app.batches.selectors import batch_of
from app.batches.sending.receiving import Sent, receive
from app.batches.tables import Batch, BatchItem
from app.errors import AppError
from app.extensions import db
from app.patients.filing.choices import chosen_by
from app.security.scripts import by_script
from app.security.sizes import Size, takes_up_to
from app.setting_kinds import MEGABYTE
from app.storage import current_storage
from config import Settings

blueprint = Blueprint("sending", __name__)

ASKED_AT_ONCE = 500  # files that a script may ask for
FURTHER_PARTS = 50  # fields of the form, beside the files


def largest(settings: Settings) -> Size:
    """Return how large a request with files may be, as `takes_up_to` wants it."""
    return Size(settings.batch_megabytes * MEGABYTE + MEGABYTE, settings.batch_photographs + FURTHER_PARTS)


@blueprint.route("/batches/new", methods=["GET", "POST"])
@takes_up_to(largest)
def new() -> ResponseReturnValue:
    """Show the form; make a batch of it, and if its photographs came along, begin."""
    chosen = chosen_by(db.session(), _user(), patient=request.args.get("patient"), lesion=None)
    form = BatchForm(None if chosen is None else chosen.patient)
    if not form.validate_on_submit():
        return _page(form)
    session, sheet = db.session(), form.spreadsheet.sheet
    batch = services.create(
        session,
        author=_user(),
        label=form.label.data,
        model=form.model.data,
        subject=form.subject,
        rows=sheet.rows if sheet else (),
    )
    session.commit()  # files are stored for a batch that is there
    try:
        _, kept = keep(batch, sent(request.files.getlist(form.files.name)))
        if kept:
            services.start(session, batch)
            session.commit()
    except AppError as error:
        session.rollback()
        services.remove(session, batch)
        session.commit()
        form.files.errors = [error.message]
        return _page(form)
    address = url_for("batches.show", public_id=batch.public_id)
    return ({"address": address}, 201) if by_script() else redirect(address, 303)


@blueprint.post("/batches/spreadsheet")
def spreadsheet() -> ResponseReturnValue:
    """Show how a spreadsheet is understood: as a page, or as a part of one for the script."""
    form = SheetForm()
    valid = form.validate_on_submit()
    part = "batches/_sheet.html" if by_script() else "batches/sheet.html"
    return render_template(part, form=form, sheet=form.spreadsheet.sheet), 200 if valid else 422


@blueprint.post("/batches/<public_id>/missing")
def missing(public_id: str) -> ResponseReturnValue:
    """Tell the script which files of a list, each a path and a size, are still to be sent."""
    batch = _batch(public_id)
    try:
        services.require_open(batch)
        files = _listed(request.get_json(silent=True))
    except (AppError, ValueError) as error:
        return {"error": str(error)}, 409 if isinstance(error, AppError) else 400
    return {"missing": services.missing(db.session(), batch, files)}


@blueprint.post("/batches/<public_id>/files")
@takes_up_to(largest)
def files(public_id: str) -> ResponseReturnValue:
    """Take further files of a batch, those of a form or one that the script sends with its `path`."""
    batch = _batch(public_id)
    path = request.form.get("path")
    try:
        _, kept = keep(batch, sent(request.files.getlist("files"), path))
    except AppError as error:
        if by_script():
            return {"error": error.message}, error.status
        raise
    if by_script():
        return jsonify(kept=len(kept), refused=[[item.name, item.reason] for item in kept if item.reason])
    return redirect(url_for("batches.show", public_id=public_id), 303)


@blueprint.post("/batches/<public_id>/start")
def start(public_id: str) -> ResponseReturnValue:
    """Begin the work on a batch; it takes no more files then."""
    batch = _batch(public_id)
    try:
        services.start(db.session(), batch)
    except AppError as error:
        db.session.rollback()
        flash(error.message, "warning")
    db.session.commit()
    return redirect(url_for("batches.show", public_id=public_id), 303)


def keep(batch: Batch, files: Sequence[Sent]) -> tuple[list[BatchItem], list[BatchItem]]:
    """Store files and commit their rows; return all that were received, and those of them that were not there before.

    StartedError, RefusedUploadError: none is kept.
    """
    try:
        return _keep(batch, files)
    except IntegrityError:  # of the same file sent twice at once, the second finds the first
        db.session.rollback()
        return _keep(batch, files)


def sent(uploads: list[FileStorage], path: str | None = None) -> list[Sent]:
    """Return the files of a request; a file field that was left empty sends a nameless one."""
    return [Sent(path or upload.filename or "", upload.stream) for upload in uploads if upload.filename]


def _keep(batch: Batch, files: Sequence[Sent]) -> tuple[list[BatchItem], list[BatchItem]]:
    settings, storage = _settings(), current_storage()
    services.require_open(batch)
    items = receive(storage, batch, files, settings)
    try:
        kept = services.keep(db.session(), storage, batch, items, most=settings.batch_photographs)
    except BaseException:
        services.let_go(storage, items)
        raise
    db.session.commit()  # if that fails the rows may be there all the same: files that have none are tidied up
    return items, kept


def _listed(body: Any) -> list[tuple[str, int]]:
    """Read what the script asks for; ValueError if it is not a list of paths and sizes."""
    files = body.get("files") if isinstance(body, dict) else None
    if not isinstance(files, list) or len(files) > ASKED_AT_ONCE:
        raise ValueError("a list of files was expected")
    for file in files:
        if not (isinstance(file, list) and [type(part) for part in file] == [str, int]):
            raise ValueError("each file is a path and a size")
    return [(path, size) for path, size in files]


def _page(form: BatchForm) -> ResponseReturnValue:
    page = render_template("batches/new.html", form=form, settings=_settings())
    return page, 422 if form.is_submitted() else 200


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


def _user() -> User:
    user: User = current_user._get_current_object()
    return user


def _batch(public_id: str) -> Batch:
    return batch_of(db.session(), _user(), public_id)
