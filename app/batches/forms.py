"""The form of a new batch."""

from __future__ import annotations

from flask import current_app
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, MultipleFileField
from wtforms import SelectField, StringField
from wtforms.validators import DataRequired, Length, ValidationError

from app.batches.sending.naming import CHOICES, NO_NAME, NO_SHEET, ONE, SHEET
from app.batches.sending.sheet import LARGEST, Sheet, SheetError, read_sheet
from app.batches.services import Subject
from app.decoding.limits import Limits
from app.fields import Readable, tidied
from app.inference import current_classifiers
from app.patients.tables import Patient
from app.upload.classifier_choices import classifier_choices
from app.upload.forms import BALANCED

NAMED = (
    "As you would look for it later. A name that you have used before is taken for the same patient, unless it could "
    "be another's."
)
COLUMNS = (
    "A CSV file with a heading for each column: file name, and any of patient, site, age, sex. Other columns are "
    "passed over."
)


class SheetField(FileField):  # type: ignore[misc]  # Flask-WTF is untyped
    """A spreadsheet; after validation `sheet` is what it says, None without one, and `problems` what is wrong."""

    sheet: Sheet | None = None
    problems: tuple[str, ...] = ()

    def pre_validate(self, _form: FlaskForm) -> None:
        """Read the spreadsheet; no more of it than may be sent."""
        if not self.data:
            return
        try:
            content = self.data.stream.read(LARGEST + 1)
            settings = current_app.config["SETTINGS"]
            self.sheet = read_sheet(content, settings.batch_photographs, Limits.of(settings))
        except SheetError as error:
            self.problems = error.problems
            raise ValidationError(error.message) from error


class SheetForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is untyped
    """A spreadsheet alone, to look at how it is understood."""

    spreadsheet = SheetField("Spreadsheet", description=COLUMNS)


class BatchForm(SheetForm):
    """What is said of many photographs at once, and perhaps the photographs; `patient` is whoever was chosen."""

    label = StringField(
        "Name of this batch",
        filters=[tidied],
        validators=[Length(max=120, message="Please use at most 120 characters."), Readable()],
    )
    naming = SelectField("Whose are the photographs?", choices=list(CHOICES), default=ONE, validators=[DataRequired()])
    patient_name = StringField(
        "Patient name or reference",
        filters=[tidied],
        description=NAMED,
        validators=[Length(max=120, message="Please use at most 120 characters."), Readable()],
    )
    model = SelectField("Classifier", description=BALANCED)
    files = MultipleFileField("Photographs, or a zip file of them")

    def __init__(self, patient: Patient | None = None) -> None:
        super().__init__()
        settings = current_app.config["SETTINGS"]
        self.limits = Limits.of(settings)
        self.model.choices = classifier_choices(current_classifiers().cards(), settings.default_model)
        self.model.data = self.model.data or settings.default_model
        self.patient = patient

    def validate_patient_name(self, field: StringField) -> None:
        """Ask for a name where all photographs are said to be of one patient."""
        if self.naming.data == ONE and self.patient is None and not field.data:
            raise ValidationError(NO_NAME)

    def validate_naming(self, field: SelectField) -> None:
        """Ask for a spreadsheet where only a spreadsheet is to say who is shown."""
        sheet = self.spreadsheet.sheet
        if field.data == SHEET and not self.spreadsheet.errors and (sheet is None or "patient" not in sheet.columns):
            raise ValidationError(NO_SHEET)

    @property
    def subject(self) -> Subject:
        """Who is photographed."""
        patient = self.patient if self.naming.data == ONE else None
        return Subject(self.naming.data, patient, self.patient_name.data if self.naming.data == ONE else None)
