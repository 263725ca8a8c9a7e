"""Form of a consent."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import DateField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the type stubs
from wtforms.validators import InputRequired, Length, ValidationError

from app.clock import now
from app.fields import Readable, tidied
from app.patients.consents.records import Statement
from app.patients.consents.tables import USES, WAYS, is_possible

GIVEN, WITHDRAWN = "given", "withdrawn"


class ConsentForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is untyped
    """What the patient said, of which use, when and how."""

    purpose = SelectField(
        "Use",
        choices=[SelectChoice(code, words) for code, words in USES.items()],
        validators=[InputRequired("Please choose one.")],
    )
    said = RadioField(
        "The patient",
        choices=[SelectChoice(GIVEN, "gives consent"), SelectChoice(WITHDRAWN, "withdraws or refuses consent")],
        validators=[InputRequired("Please say whether consent is given.")],
    )
    day = DateField("On", default=lambda: now().date(), validators=[InputRequired("Please give the day.")])
    how = SelectField(
        "How",
        choices=[SelectChoice(code, words) for code, words in WAYS.items()],
        validators=[InputRequired("Please choose one.")],
    )
    form_version = StringField(
        "Version of the form",
        filters=[tidied],
        description="As it stands on the form, such as “2026-03”.",
        validators=[Length(max=60, message="Please use at most 60 characters."), Readable()],
    )

    def validate_day(self, field: DateField) -> None:
        """Refuse days on which nobody can have said this."""
        if field.data is not None and not is_possible(field.data):
            raise ValidationError("Please give a day that is not in the future.")

    @property
    def statement(self) -> Statement:
        """What was said."""
        return Statement(
            purpose=self.purpose.data,
            given=self.said.data == GIVEN,
            day=self.day.data or now().date(),
            how=self.how.data,
            form_version=self.form_version.data,
        )
