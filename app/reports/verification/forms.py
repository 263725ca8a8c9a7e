"""Forms of the verification: a code, and a file to be compared."""

from __future__ import annotations

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import StringField, ValidationError
from wtforms.validators import DataRequired, Length

from app.reports.codes import MistypedError, read_code


class CodeForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is untyped
    """The code of a report, as it is printed."""

    code = StringField(
        "Code",
        description="Twenty letters and digits at the end of the report. Hyphens may be left out.",
        validators=[DataRequired("Please type the code of the report."), Length(max=100)],
    )

    def validate_code(self, field: StringField) -> None:
        """Refuse what can't be a code, before anybody looks it up."""
        try:
            self.canonical = read_code(field.data or "")
        except MistypedError as error:
            raise ValidationError(error.message) from error


class FileForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is untyped
    """A file that may be the report."""

    file = FileField(
        "PDF file",
        description="The file is compared and not kept.",
        validators=[FileRequired("Please choose the file of the report.")],
    )
