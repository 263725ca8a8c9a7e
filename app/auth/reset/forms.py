"""Forms for whoever has forgotten the password."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField

from app.auth.forms import PasswordForm, email_field


class ForgottenForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is untyped
    """For which e-mail address a link is asked for."""

    email = email_field()


class ResetForm(PasswordForm):
    """Another password."""

    programs_too = BooleanField("Revoke my access tokens too")
