"""Forms of the accounts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from flask import current_app
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, Field, PasswordField, StringField, SubmitField
from wtforms.validators import DataRequired, EqualTo, InputRequired, Length, ValidationError

from app.auth.password_rules import LONGEST_PASSWORD, objection
from app.auth.services import normal_email
from app.auth.tables import User

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


def names_around(user: User) -> Sequence[str]:
    """Return the names by which a person's password is guessed first."""
    return (user.name, user.email, current_app.config["SETTINGS"].clinic_name)


def email_address(_form: Any, field: Field) -> None:
    """Refuse what is no e-mail address."""
    if not EMAIL.fullmatch(field.data or ""):
        raise ValidationError("Please enter an e-mail address, such as name@clinic.org.")


def name_field() -> StringField:
    """Return a field for the name of a person."""
    return StringField(
        "Name",
        filters=[strip],
        validators=[DataRequired("Please enter your name."), Length(max=120), printable],
        render_kw={"autocomplete": "name"},
    )


def email_field(label: str = "E-mail address") -> EmailField:
    """Return a field for an e-mail address of an account, old or new."""
    return EmailField(
        label,
        filters=[one_spelling],
        validators=[DataRequired("Please enter your e-mail address."), Length(max=254), printable, email_address],
        render_kw={"autocomplete": "username"},
    )


class NewPassword(FlaskForm):  # type: ignore[misc]  # Flask-WTF is untyped
    """A password that is chosen, and once more, because nobody sees what is typed."""

    password = PasswordField(
        "Password",
        validators=[InputRequired("Please choose a password.")],
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

    def names(self) -> Sequence[str]:
        """Return the names around the person, by which a password is guessed first."""
        raise NotImplementedError  # each form knows another person; FlaskForm's metaclass leaves no room for ABC's

    def validate_password(self, field: Field) -> None:
        """Refuse what is too short, too long or too easy to guess."""
        problem = objection(field.data or "", names=self.names())
        if problem:
            raise ValidationError(problem)


class RegistrationForm(NewPassword):
    """A new account."""

    name = name_field()
    email = email_field()
    submit = SubmitField("Create account")

    def names(self) -> Sequence[str]:
        """Return what the form says of the person, and who runs the site."""
        return (self.name.data or "", self.email.data or "", current_app.config["SETTINGS"].clinic_name)


class PasswordForm(NewPassword):
    """Another password of somebody."""

    def __init__(self, user: User, **options: Any) -> None:
        super().__init__(**options)
        self._user = user

    def names(self) -> Sequence[str]:
        """Return what is known of the person, and who runs the site."""
        return names_around(self._user)


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


class FinishForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is untyped
    """The password that was chosen when an account was asked for."""

    password = PasswordField(
        "Password",
        validators=[InputRequired("Please enter the password that you have chosen."), Length(max=LONGEST_PASSWORD)],
        render_kw={"autocomplete": "current-password"},
    )


class PreferencesForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is untyped
    """How a person wants to work."""

    blind = BooleanField("Look at each photograph myself first")
