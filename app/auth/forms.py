"""Forms of the accounts."""

from __future__ import annotations

import re
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, Field, PasswordField, StringField, SubmitField
from wtforms.validators import DataRequired, EqualTo, InputRequired, Length, ValidationError

from app.auth.services import normal_email

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 256
# a name to sign in with, to which nothing is ever sent: those of a clinic's own network are welcome
EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


def strip(value: str | None) -> str | None:
    """Drop the blanks around an entry."""
    return None if value is None else value.strip()


def one_spelling(value: str | None) -> str | None:
    """Write an e-mail address as it is kept."""
    return None if value is None else normal_email(value)


def printable(_form: Any, field: Field) -> None:
    """Refuse control characters."""
    if field.data and not field.data.isprintable():
        raise ValidationError("Please use letters, digits and punctuation only.")


def email_address(_form: Any, field: Field) -> None:
    """Refuse what is no e-mail address."""
    if not EMAIL.fullmatch(field.data or ""):
        raise ValidationError("Please enter an e-mail address, such as name@clinic.org.")


class RegistrationForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is untyped
    """A new account."""

    name = StringField(
        "Name",
        filters=[strip],
        validators=[DataRequired("Please enter your name."), Length(max=120), printable],
        render_kw={"autocomplete": "name"},
    )
    email = EmailField(
        "E-mail address",
        filters=[one_spelling],
        validators=[
            DataRequired("Please enter your e-mail address."),
            Length(max=254),
            printable,
            email_address,
        ],
        render_kw={"autocomplete": "username"},
    )
    password = PasswordField(
        "Password",
        validators=[
            InputRequired("Please choose a password."),
            Length(min=SHORTEST_PASSWORD, message="Please use at least %(min)d characters."),
            Length(max=LONGEST_PASSWORD, message="Please use at most %(max)d characters."),
        ],
        render_kw={"autocomplete": "new-password"},
    )
    confirm = PasswordField(
        "Password again",
        validators=[
            InputRequired("Please enter the password again."),
            EqualTo("password", "The two passwords are not the same."),
        ],
        render_kw={"autocomplete": "new-password"},
    )
    submit = SubmitField("Create account")


class SignInForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is untyped
    """An e-mail address and its password."""

    email = EmailField(
        "E-mail address",
        filters=[one_spelling],
        validators=[DataRequired("Please enter your e-mail address."), Length(max=254), printable],
        render_kw={"autocomplete": "username"},
    )
    password = PasswordField(
        "Password",
        validators=[InputRequired("Please enter your password."), Length(max=LONGEST_PASSWORD)],
        render_kw={"autocomplete": "current-password"},
    )
    submit = SubmitField("Sign in")


class PreferencesForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is untyped
    """How a person wants to work."""

    blind = BooleanField("Look at each photograph myself first")
