"""Fields that read what clinicians write: names, notes, years, and places in a picture."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from typing import Any

from wtforms import FloatField, IntegerField
from wtforms.fields import Field
from wtforms.form import BaseForm
from wtforms.validators import ValidationError
from wtforms.widgets import HiddenInput

from app.visible import INVISIBLE, JOINERS


def tidied(text: str | None) -> str | None:
    """Return a text in Unicode's composed form (NFC), with plain line ends, trimmed; None if empty."""
    if text is None:
        return None
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", lines).strip() or None


class Readable:
    """Refuse characters that can't be seen: they could make a text look like another one."""

    def __init__(self, allowed: str = JOINERS) -> None:
        self._allowed = allowed

    def __call__(self, _form: BaseForm, field: Field) -> None:
        """Raise ValidationError on the first such character."""
        for character in field.data or "":
            if unicodedata.category(character) in INVISIBLE and character not in self._allowed:
                raise ValidationError("Please remove the invisible characters; typing the text anew helps.")


class DigitsField(IntegerField):
    """A whole number of at most so many digits; blank is None, and `message` is said to anything else."""

    def __init__(
        self, label: str, message: str, most: int, validators: list[Any] | None = None, **options: Any
    ) -> None:
        super().__init__(label, validators, **options)
        self._message = message
        self._most = most

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read the digits, and nothing but digits."""
        self.data = None
        written = valuelist[0].strip() if valuelist else ""
        if not written:
            return
        if not (written.isascii() and written.isdigit() and len(written) <= self._most):
            raise ValueError(self._message)
        self.data = int(written)


class NumberField(FloatField):
    """A number, with a point or a comma; blank is None, and `message` is said to anything else."""

    def __init__(self, label: str, message: str, validators: list[Any] | None = None, **options: Any) -> None:
        super().__init__(label, validators, **options)
        self._message = message

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read the number; infinities and what is no number are errors."""
        self.data = None
        written = valuelist[0].strip().replace(",", ".") if valuelist else ""
        if not written:
            return
        try:
            number = float(written)
        except ValueError as error:
            raise ValueError(self._message) from error
        if not math.isfinite(number):
            raise ValueError(self._message)
        self.data = number

    def _value(self) -> str:
        """Return what stands in the field: as it was written, else the number without idle zeros."""
        written: str = self.raw_data[0] if self.raw_data else "" if self.data is None else f"{self.data:g}"
        return written


class FractionField(FloatField):
    """A number in [0, 1] that the page's script fills in; blank is None, and `message` is said to anything else."""

    widget = HiddenInput()

    def __init__(self, message: str, **options: Any) -> None:
        super().__init__(**options)
        self._message = message

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read the number; what is no number, or lies outside, is an error and never silently replaced."""
        self.data = None
        written = valuelist[0].strip() if valuelist else ""
        if not written:
            return
        try:
            number = float(written)
        except ValueError as error:
            raise ValueError(self._message) from error
        if not (math.isfinite(number) and 0 <= number <= 1):
            raise ValueError(self._message)
        self.data = number
