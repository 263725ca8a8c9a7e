"""The form of a new access token."""

from __future__ import annotations

from datetime import timedelta

from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the type stubs
from wtforms.validators import DataRequired, Length

from app.api.tokens.scopes import READ, SCOPES
from app.fields import Readable, tidied

LIFETIMES = {"7": "7 days", "30": "30 days", "90": "90 days", "365": "One year", "": "Until it is revoked"}
USUAL = "90"


class TokenForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is untyped
    """What a token is for, what it may do, and for how long."""

    name = StringField(
        "What it is for",
        filters=[tidied],
        description="Such as the name of the program or the device that will use it.",
        validators=[
            DataRequired("Please say what the token is for."),
            Length(max=60, message="Please use at most 60 characters."),
            Readable(),
        ],
    )
    scope = RadioField("What it may do", choices=[SelectChoice(*scope) for scope in SCOPES.items()], default=READ)
    days = SelectField("How long it lasts", choices=[SelectChoice(*span) for span in LIFETIMES.items()], default=USUAL)

    @property
    def lifetime(self) -> timedelta | None:
        """How long it lasts; None until it is revoked."""
        return timedelta(days=int(self.days.data)) if self.days.data else None
