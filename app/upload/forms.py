"""The form of a new test."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from flask import current_app
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, NumberRange, Optional, ValidationError

from app.clock import now
from app.decoding.formats import is_dicom
from app.decoding.limits import Limits
from app.errors import RefusedUploadError
from app.fields import DigitsField, FractionField, Readable, tidied
from app.inference import OLDEST, SEXES, SITES, current_classifiers
from app.patients.filing.choices import LesionField, known_of
from app.patients.filing.services import Destination
from app.patients.forms import choices_of
from app.patients.lesions.place import PlaceFields
from app.patients.tables import Lesion
from app.results.records import PatientDetails
from app.upload.classifier_choices import classifier_choices
from app.upload.dicom.photographs import DicomPhotograph
from app.upload.dicom.previews import Preview, previews_of
from app.upload.framing import OUTSIDE, Fractions
from app.upload.inspection import SafeImage, dicom_photograph, inspect
from app.visible import JOINERS, LINES

BALANCED = (
    "The figure is the balanced accuracy: of photographs of lesions never seen in training, the share that was given "
    "the right class, when every class counts alike. Two classes are easier to tell apart than seven: don't compare."
)
WHY_ASKED = (
    "With age, sex and body site the result says how many such patients the classifier was measured on and, where it "
    "has learned that, what they change beside the photograph."
)
AGES = "Please give the age in whole years, from 0 to 120."
TOKEN = 64  # characters at most


class UploadForm(PlaceFields, FlaskForm):  # type: ignore[misc]  # Flask-WTF is untyped
    """A photograph and what the clinician says of the patient; after validation `photograph` is safe.

    `chosen` is the patient, and perhaps the lesion, from whose page the clinician comes: what is known is filled in.
    A new lesion of theirs can be marked on the body map at once.
    """

    image = FileField("Photograph", validators=[FileRequired("Please choose a photograph.")])
    patient_name = StringField(
        "Patient name or reference",
        filters=[tidied],
        validators=[
            DataRequired("Please give a name or a reference."),
            Length(max=120, message="Please use at most 120 characters."),
            Readable(),
        ],
    )
    age = DigitsField("Age", AGES, 3, [Optional(), NumberRange(0, OLDEST, AGES)])
    sex = SelectField("Sex", choices=choices_of(SEXES), default="")
    body_site = SelectField("Body site", choices=choices_of(SITES), default="", description=WHY_ASKED)
    lesion = LesionField()
    note = TextAreaField(
        "Note",
        filters=[tidied],
        validators=[
            Length(max=2000, message="Please use at most 2,000 characters."),
            Readable(JOINERS + LINES),
        ],
    )
    model = SelectField("Classifier", description=BALANCED)
    frame_left = FractionField(OUTSIDE)
    frame_top = FractionField(OUTSIDE)
    frame_side = FractionField(OUTSIDE)
    submission = HiddenField(validators=[Length(max=TOKEN)])

    def __init__(self, chosen: Destination | None = None, lesions: Sequence[Lesion] = ()) -> None:
        super().__init__(data={} if chosen is None else known_of(chosen, now().year))
        settings = current_app.config["SETTINGS"]
        self.limits = Limits.of(settings)
        self.photograph: SafeImage | None = None
        self.dicom: tuple[DicomPhotograph, list[Preview]] | None = None
        self.refusal: RefusedUploadError | None = None
        self.model.choices = classifier_choices(current_classifiers().cards(), settings.default_model)
        self.model.data = self.model.data or settings.default_model
        self.submission.data = self.submission.data or secrets.token_urlsafe(16)
        self.patient, self.lesions = None if chosen is None else chosen.patient, lesions
        if self.patient is None:
            del self.lesion
        else:
            self.patient_name.data = self.patient.name
            self.lesion.offer(lesions)

    def validate_image(self, field: FileField) -> None:
        """Judge the file; no more of it is read than may be sent.

        Of a DICOM file, what it says and which of its pictures is meant are still to be confirmed: it becomes `dicom`.
        """
        content = field.data.stream.read(self.limits.bytes + 1)
        try:
            if is_dicom(content):
                dicom = dicom_photograph(content, self.limits)
                self.dicom = dicom, previews_of(content, dicom.pictures, self.limits)
            else:
                self.photograph = inspect(content, self.limits)
        except RefusedUploadError as error:
            self.refusal = error
            raise ValidationError(error.message) from error

    def validate_body_site(self, _field: SelectField) -> None:
        """Refuse half a place on the map; the error is shown at the list of sites."""
        self.require_whole_place()

    def validate_frame_side(self, _field: FractionField) -> None:
        """Refuse half a square."""
        given = [value is not None for value in (self.frame_left.data, self.frame_top.data, self.frame_side.data)]
        if any(given) and not all(given):
            raise ValidationError(OUTSIDE)

    @property
    def details(self) -> PatientDetails:
        """What was said of the patient."""
        return PatientDetails(
            patient_name=self.patient_name.data or "",
            age=self.age.data,
            sex=self.sex.data or None,
            body_site=self.body_site.data or None,
            note=self.note.data,
        )

    @property
    def destination(self) -> Destination | None:
        """Where the test is to be kept; None where the name is to tell."""
        return None if self.patient is None else self.lesion.destination(self.patient, self.lesions, self.place)

    @property
    def fractions(self) -> Fractions | None:
        """The square that was drawn; None where the centred one is meant."""
        left, top, side = self.frame_left.data, self.frame_top.data, self.frame_side.data
        if left is None or top is None or side is None:
            return None
        return Fractions(left, top, side)
