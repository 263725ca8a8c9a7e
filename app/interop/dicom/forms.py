"""The form in which a clinician says of a photograph what archives want to know."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the type stubs

from app.interop.dicom.records import Nature

DERMOSCOPIC, PHOTOGRAPHIC = "dermoscopic", "photographic"


class NatureForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is untyped
    """How the photograph was taken, and whether somebody has looked for what tells who the patient is."""

    taken = RadioField(choices=[SelectChoice(code, code) for code in (DERMOSCOPIC, PHOTOGRAPHIC)])
    anonymous = BooleanField()

    @property
    def nature(self) -> Nature:
        """What was said."""
        return Nature(dermoscopic=self.taken.data == DERMOSCOPIC, anonymous=self.anonymous.data)
