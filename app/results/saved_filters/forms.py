"""The form that gives a filter a name."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField
from wtforms.validators import DataRequired, Length

from app.fields import Readable, tidied


class NameForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is untyped
    """What a saved filter is called, and, for a new one, the query that it stands for."""

    name = StringField(
        "Name",
        filters=[tidied],
        validators=[
            DataRequired("Please give the filter a name."),
            Length(max=60, message="Please use at most 60 characters for the name."),
            Readable(),
        ],
    )
    query = HiddenField()

    @property
    def trouble(self) -> str:
        """What is wrong, as one sentence."""
        return " ".join(error for errors in self.errors.values() for error in errors)
