"""Forms of the clinic's page."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the type stubs
from wtforms.validators import DataRequired, Length

from app.fields import Readable, tidied
from app.security.roles import ROLES

LONGEST_NAME = 140


class ClinicForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is untyped
    """What the clinic is called."""

    name = StringField(
        "Name of the clinic",
        filters=[tidied],
        validators=[
            DataRequired("Please give the clinic a name."),
            Length(max=LONGEST_NAME, message="Please use at most %(max)d characters."),
            Readable(),
        ],
    )


class RoleForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is untyped
    """What a member is in the clinic."""

    role = SelectField("Role", choices=[SelectChoice(*role) for role in ROLES.items()])
