"""Form that lets a record stay."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from app.fields import Readable, tidied


class HoldForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is untyped
    """Why a record is kept longer."""

    reason = StringField(
        "Reason",
        filters=[tidied],
        description="Such as a treatment that goes on, or a dispute.",
        validators=[
            DataRequired("Please say why."),
            Length(max=200, message="Please use at most 200 characters."),
            Readable(),
        ],
    )
