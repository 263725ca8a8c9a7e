"""The form of a verdict."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the type stubs
from wtforms.validators import AnyOf, Length

from app.fields import JOINERS, LINES, Readable, tidied
from app.results.verdicts.labels import UNCERTAIN, VERDICTS

NAMES = [SelectChoice(code, label.name) for code, label in VERDICTS.items()]


class AssessmentForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is untyped
    """What the clinician thinks a lesion is."""

    label = SelectField(
        "Your assessment",
        choices=[SelectChoice("", "Choose"), *NAMES, SelectChoice(UNCERTAIN, "Uncertain")],
        validators=[AnyOf([*VERDICTS, UNCERTAIN], message="Please choose what you think the lesion is.")],
    )
    note = TextAreaField(
        "Note",
        filters=[tidied],
        validators=[Length(max=2000, message="Please use at most 2,000 characters."), Readable(JOINERS + LINES)],
    )
