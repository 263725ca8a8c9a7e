"""The page of a new test."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from flask import Blueprint, current_app, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.exc import IntegrityError

from app.decoding.formats import DAMAGED, HEIC, UNKNOWN
from app.decoding.limits import too_small
from app.errors import ClassifierUnavailableError, RefusedUploadError
from app.extensions import db
from app.inference import BEFORE_SENDING, REASONS
from app.patients.filing.choices import chosen_by
from app.patients.filing.kept_with import in_words, others_of_one_known_before
from app.patients.filing.services import Destination
from app.patients.marks import marked
from app.patients.selectors import lesions_of_patient
from app.patients.tables import Lesion
from app.results.tables import Analysis
from app.security.policy import Need, needs
from app.security.scripts import by_script
from app.storage import current_storage
from app.upload.answers import accepted, further_asked, refused
from app.upload.confirmation import ConfirmationForm
from app.upload.dicom.kept import keep, pixels_of, sealed, unsealed
from app.upload.dicom.photographs import DicomPhotograph
from app.upload.dicom.previews import Preview
from app.upload.forms import UploadForm
from app.upload.inspection import SafeImage
from app.upload.new_tests.marked import mark
from app.upload.services import submit

blueprint = Blueprint("upload", __name__)

SAME_NAME = "The test is kept with the patient of the same name, who has"
MOVE_IT = "If this is somebody else, move the test to another patient."
ANYWAY = "Take it again, or use it anyway."
SEEN_BEFORE_SENDING = ("dark", "overexposed", "blurred")


@blueprint.route("/prediction", methods=["GET", "POST"])
@needs(Need.CAMERA)
def prediction() -> ResponseReturnValue:
    """Show the form; classify the photograph that is sent with it, and go on to the result."""
    session, user = db.session(), current_user._get_current_object()
    chosen = chosen_by(session, user, patient=request.args.get("patient"), lesion=request.args.get("lesion"))
    lesions = () if chosen is None else lesions_of_patient(session, user, chosen.patient)
    form = _form(chosen, lesions)
    if not form.is_submitted():
        return _page(form), 200
    valid = form.validate()
    if form.dicom is not None:  # whatever else is not right is said when what the file says has been confirmed
        return further_asked() if by_script() else _page(_confirmation(*form.dicom, chosen, lesions))
    if not valid or form.photograph is None:
        return _refused(form, form.refusal.status if form.refusal else 422)
    try:
        kept = _submit(form, form.photograph)
    except RefusedUploadError as error:  # the square: whether it lies inside is known with the photograph
        form.frame_side.errors = [error.message]
        return _refused(form, error.status)
    except ClassifierUnavailableError as error:
        return _refused(form, error.status, error)
    mark(kept.public_id)
    return accepted(url_for("results.show", public_id=kept.public_id), kept.told)


def offline_form(layout: str) -> str:
    """Return the form as a device may keep it: for whoever has it, with nothing of anybody in it."""
    return _page(UploadForm(), layout=layout)


def _form(chosen: Destination | None, lesions: Sequence[Lesion]) -> UploadForm:
    """Return the form of a new test; where the photograph is in a DICOM file that is kept, the one that confirms it."""
    seal = request.form.get("kept")
    if not seal:
        return UploadForm(chosen, lesions)
    try:
        file = unsealed(seal, current_user.id, str(current_app.secret_key))
        return ConfirmationForm(file, pixels_of(current_storage(), file), chosen, lesions)
    except RefusedUploadError as error:
        flash(error.message, "warning")
        return UploadForm(chosen, lesions)


def _confirmation(
    photograph: DicomPhotograph, previews: Sequence[Preview], chosen: Destination | None, lesions: Sequence[Lesion]
) -> ConfirmationForm:
    """Keep the pixels of a DICOM file for an hour, and return the form that confirms what the file says."""
    file = keep(current_storage(), photograph)
    form = ConfirmationForm(file, photograph.pixels_alone(), chosen, lesions)
    form.fill(sealed(file, current_user.id, str(current_app.secret_key)), previews)
    return form


def _of_the_patient(analysis: Analysis) -> str | None:
    """Return what to say if the name has put a test with a patient who was there before: it could mean another."""
    others = others_of_one_known_before(db.session(), analysis)
    return None if others is None else f"{SAME_NAME} {in_words(others)}. {MOVE_IT}"


class _Kept(NamedTuple):
    """What is answered of a test that is kept: the database is not asked for it again, for it may be gone by then."""

    public_id: str
    told: str | None


def _submit(form: UploadForm, photograph: SafeImage) -> _Kept:
    """Submit and commit; of one form sent twice at once, the second finds what the first has recorded."""
    try:
        return _commit(form, photograph)
    except IntegrityError:
        db.session.rollback()
        return _commit(form, photograph)


def _commit(form: UploadForm, photograph: SafeImage) -> _Kept:
    analysis = submit(
        db.session(),
        current_storage(),
        author=current_user,
        photograph=photograph,
        details=form.details,
        model=form.model.data,
        fractions=form.fractions,
        token=form.submission.data or "",
        destination=form.destination,
    )
    kept = _Kept(analysis.public_id, _of_the_patient(analysis) if form.destination is None else None)
    db.session.commit()
    return kept


def _refused(form: UploadForm, status: int, trouble: ClassifierUnavailableError | None = None) -> ResponseReturnValue:
    if by_script():
        return refused(form, None if trouble is None else trouble.message), status
    return _page(form, trouble), status


def _page(form: UploadForm, trouble: ClassifierUnavailableError | None = None, layout: str | None = None) -> str:
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
    return render_template(
        "upload/prediction.html",
        form=form,
        trouble=trouble,
        sentences=sentences,
        limits_of_quality=BEFORE_SENDING,
        marks=marks,
        layout=layout,
    )
