"""The form of a new access token."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the type stubs
from wtforms.validators import DataRequired, InputRequired, Length

from app.api.tokens.scopes import READ, SCOPES
from app.fields import Readable, tidied
from app.public_ids import new_public_id

FOR_EVER = "0"
LIFETIMES = {"7": "7 days", "30": "30 days", "90": "90 days", "365": "One year", FOR_EVER: "Until it is revoked"}
USUAL = "90"
PUBLIC_ID = re.compile(r"[A-Za-z0-9_-]{22}")


class TokenForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is untyped
    """What a token is for, what it may do, and for how long.

    `once` is the public id that the token is to have: a form that is sent again makes no second one.
    """

    once = HiddenField()

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
    days = SelectField(
        "How long it lasts",
        choices=[SelectChoice(*span) for span in LIFETIMES.items()],
        default=USUAL,
        validators=[InputRequired()],
    )

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        if not PUBLIC_ID.fullmatch(self.once.data or ""):
            self.once.data = new_public_id()

    @property
    def lifetime(self) -> timedelta | None:
        """How long it lasts; None until it is revoked."""
        return None if self.days.data == FOR_EVER else timedelta(days=int(self.days.data))
