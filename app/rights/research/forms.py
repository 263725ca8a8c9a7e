"""Forms of the export for research."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the type stubs
from wtforms.validators import InputRequired

LEAST = (1, 3, 5, 10)


class ExportForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is untyped
    """How small a group may be, and that somebody answers for the export."""

    fewest = SelectField(
        "Leave out groups of fewer patients than",
        coerce=int,
        default=5,
        choices=[SelectChoice(number, "leave out none" if number == 1 else str(number)) for number in LEAST],
        validators=[InputRequired("Please choose one.")],
        description="A group shares age band, sex and body site. The smaller, the easier to tell who it is.",
    )
    allowed = BooleanField(
        "This export is covered by an ethics vote or by law, and I know who will have it.",
        validators=[InputRequired("Please confirm this first.")],
    )
