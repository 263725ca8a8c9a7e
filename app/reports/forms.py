"""Forms of the reports: why a signed one is replaced."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from app.fields import Readable, tidied
from app.visible import JOINERS, LINES


class IssueForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is untyped
    """Nothing has to be said where no signed version is replaced."""

    reason: Any = None  # what forms of amendments have


class AmendmentForm(FlaskForm):  # type: ignore[misc]  # as above
    """Why a signed version is replaced."""

    reason = TextAreaField(
        "Reason for the amendment",
        filters=[tidied],
        description="Printed on the new version. The version before stays readable, and is marked as replaced.",
        validators=[
            DataRequired("Please say why the signed report is replaced."),
            Length(max=500, message="Please use at most 500 characters."),
            Readable(JOINERS + LINES),
        ],
    )
