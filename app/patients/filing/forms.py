"""The forms that move a test: to a patient's lesion, or to a new patient."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from app.fields import Readable, tidied
from app.patients.filing.choices import LesionField


class LesionChoiceForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is untyped
    """Which of the patient's lesions a test shows."""

    lesion = LesionField()


class NewPatientForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is untyped
    """The name of a patient to be made of a test."""

    name = StringField(
        "Name or reference",
        id="new_name",  # the search on the same page has a name, too
        filters=[tidied],
        validators=[
            DataRequired("Please give a name or a reference."),
            Length(max=120, message="Please use at most 120 characters."),
            Readable(),
        ],
    )
