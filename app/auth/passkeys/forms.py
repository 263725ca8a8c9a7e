"""Forms of the passkeys: a script fills in what the authenticator answers."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField
from wtforms.validators import DataRequired, Length

from app.auth.passkeys.ceremonies import LONGEST
from app.fields import Readable, tidied


class AnswerForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is untyped
    """The answer of an authenticator, as JSON."""

    credential = HiddenField(validators=[DataRequired(), Length(max=LONGEST)])


class PasskeyForm(AnswerForm):
    """A new passkey and what its owner calls it."""

    name = StringField(
        "Name",
        filters=[tidied],
        description="So that you know it again, such as “Phone” or “Computer in room 3”.",
        validators=[
            DataRequired("Please give it a name."),
            Length(max=60, message="Please use at most 60 characters."),
            Readable(),
        ],
        render_kw={"autocomplete": "off"},
    )
