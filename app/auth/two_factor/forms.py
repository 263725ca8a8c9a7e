"""Forms of the second step."""

from __future__ import annotations

import re

from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField
from wtforms.validators import DataRequired, Length, Regexp

LONGEST_CODE = 64
BETWEEN = re.compile(r"[\s\u2010-\u2014-]+")  # what people write between groups


def digits(value: str | None) -> str | None:
    """Drop what stands between the digits of a code."""
    return None if value is None else BETWEEN.sub("", value)


class CodeForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is untyped
    """A code of an authenticator app."""

    code = StringField(
        "Code",
        filters=[digits],
        validators=[
            DataRequired("Please enter the code that the app shows."),
            Length(max=LONGEST_CODE),
            Regexp(r"[0-9]{6}\Z", message="A code has 6 digits."),
        ],
        render_kw={"inputmode": "numeric", "autocomplete": "one-time-code"},
    )

    def wrong(self, sentence: str) -> None:
        """Say at the field what is wrong, and forget the code."""
        self.code.errors = [sentence]
        self.code.data = ""


class SecondStepForm(CodeForm):
    """A code of an authenticator app, for the account that `account` stands for: see `pending.whose`."""

    account = HiddenField()


class RecoveryCodeForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is untyped
    """A recovery code, for the account that `account` stands for."""

    account = HiddenField()
    code = StringField(
        "Recovery code",
        validators=[DataRequired("Please enter one of your recovery codes."), Length(max=LONGEST_CODE)],
        render_kw={"autocomplete": "off"},
    )

    def wrong(self, sentence: str) -> None:
        """Say at the field what is wrong."""
        self.code.errors = [sentence]
