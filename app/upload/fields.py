"""Fields that read what clinicians write: names, notes, ages, and the square on the photograph."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence

from wtforms import FloatField, IntegerField
from wtforms.fields import Field
from wtforms.form import BaseForm
from wtforms.validators import ValidationError
from wtforms.widgets import HiddenInput

from app.upload.framing import OUTSIDE

# control, format (text direction, too), surrogate and private-use characters, line and paragraph ends
INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
JOINERS = "\u200c\u200d"  # Persian and Indic names need them
LINES = "\n\t"


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


class YearsField(IntegerField):
    """An age in whole years; blank is None."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read the digits, and nothing but digits."""
        self.data = None
        written = valuelist[0].strip() if valuelist else ""
        if not written:
            return
        if not (written.isascii() and written.isdigit() and len(written) <= 3):  # noqa: PLR2004 - 0 to 999
            raise ValueError("Please give the age in whole years, from 0 to 120.")
        self.data = int(written)


class FractionField(FloatField):
    """A number in [0, 1] that the page's script fills in; blank is None."""

    widget = HiddenInput()

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read the number; what is no number, or lies outside, is an error and never silently replaced."""
        self.data = None
        written = valuelist[0].strip() if valuelist else ""
        if not written:
            return
        try:
            number = float(written)
        except ValueError as error:
            raise ValueError(OUTSIDE) from error
        if not (math.isfinite(number) and 0 <= number <= 1):
            raise ValueError(OUTSIDE)
        self.data = number
