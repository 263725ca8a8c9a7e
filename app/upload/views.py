"""The page of a new test."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.exc import IntegrityError

from app.errors import ClassifierUnavailableError, RefusedUploadError
from app.extensions import db
from app.inference import BEFORE_SENDING, REASONS
from app.patients.filing.choices import chosen_by
from app.patients.filing.kept_with import kept_with
from app.patients.marks import marked
from app.patients.selectors import lesions_of_patient
from app.results.tables import Analysis
from app.storage import current_storage
from app.upload.formats import HEIC, UNKNOWN
from app.upload.forms import UploadForm
from app.upload.inspection import DAMAGED, SafeImage, too_small
from app.upload.new_tests.marked import mark
from app.upload.services import submit

blueprint = Blueprint("upload", __name__)

SAME_NAME = "The test is kept with the patient of the same name, who has"
MOVE_IT = "If this is somebody else, move the test to another patient."
ANYWAY = "Take it again, or use it anyway."
SEEN_BEFORE_SENDING = ("dark", "overexposed", "blurred")


@blueprint.route("/prediction", methods=["GET", "POST"])
def prediction() -> ResponseReturnValue:
    """Show the form; classify the photograph that is sent with it, and go on to the result."""
    session, user = db.session(), current_user._get_current_object()
    chosen = chosen_by(session, user, patient=request.args.get("patient"), lesion=request.args.get("lesion"))
    form = UploadForm(chosen, () if chosen is None else lesions_of_patient(session, user, chosen.patient))
    if not form.is_submitted():
        return _page(form, 200)
    if not form.validate() or form.photograph is None:
        return _page(form, form.refusal.status if form.refusal else 422)
    try:
        analysis = _submit(form, form.photograph)
    except RefusedUploadError as error:  # the square: whether it lies inside is known with the photograph
        form.frame_side.errors = [error.message]
        return _page(form, error.status)
    except ClassifierUnavailableError as error:
        return _page(form, error.status, error)
    mark(analysis)
    if form.destination is None:
        _tell_of(analysis)
    return redirect(url_for("results.show", public_id=analysis.public_id), 303)


def _tell_of(analysis: Analysis) -> None:
    """Say so if the name has put a test with a patient who was there before: it could mean another person."""
    kept = kept_with(analysis)
    if kept.patient is not None and kept.patient.created_at < analysis.created_at:
        flash(f"{SAME_NAME} {kept.others_in_words}. {MOVE_IT}")


def _submit(form: UploadForm, photograph: SafeImage) -> Analysis:
    """Submit and commit; of one form sent twice at once, the second finds what the first has recorded."""
    try:
        return _commit(form, photograph)
    except IntegrityError:
        db.session.rollback()
        return _commit(form, photograph)


def _commit(form: UploadForm, photograph: SafeImage) -> Analysis:
    analysis = submit(
        db.session(),
        current_storage(),
        owner=current_user,
        photograph=photograph,
        details=form.details,
        model=form.model.data,
        fractions=form.fractions,
        token=form.submission.data or "",
        destination=form.destination,
    )
    db.session.commit()
    return analysis


def _page(form: UploadForm, status: int, trouble: ClassifierUnavailableError | None = None) -> ResponseReturnValue:
    sentences = {  # the page's script says what it can see for itself, in the same words
        "too-large": form.limits.too_large,
        "too-many-pixels": form.limits.too_many_pixels,
        "too-small": too_small("{width}", "{height}"),
        "damaged": DAMAGED,
        "heic": HEIC,
        "unknown": UNKNOWN,
        **{code: f"{REASONS[code]} {ANYWAY}" for code in SEEN_BEFORE_SENDING},
    }
    marks = [marked(lesion) for lesion in form.lesions]
    page = render_template(
        "upload/prediction.html",
        form=form,
        trouble=trouble,
        sentences=sentences,
        limits_of_quality=BEFORE_SENDING,
        marks=marks,
    )
    return page, status
