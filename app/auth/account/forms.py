"""Forms of the own account."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField
from wtforms.validators import InputRequired, Length

from app.auth.forms import PasswordForm, email_field, name_field
from app.auth.password_rules import LONGEST_PASSWORD


class NameForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is untyped
    """How a person is called."""

    name = name_field()


class EmailForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is untyped
    """Another e-mail address."""

    email = email_field("New e-mail address")


class ChangePasswordForm(PasswordForm):
    """Another password, and the present one."""

    present = PasswordField(
        "Present password",
        validators=[InputRequired("Please enter your present password."), Length(max=LONGEST_PASSWORD)],
        render_kw={"autocomplete": "current-password"},
    )
    programs_too = BooleanField("Revoke my access tokens too")
