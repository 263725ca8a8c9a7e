"""The form of a new test whose photograph came in a DICOM file: what the file says is confirmed, or changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import BooleanField, HiddenField, RadioField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the type stubs
from wtforms.validators import ValidationError

from app.errors import RefusedUploadError
from app.patients.filing.services import Destination
from app.patients.tables import Lesion
from app.upload.dicom import words
from app.upload.dicom.kept import KeptFile
from app.upload.dicom.previews import Preview, previews_of
from app.upload.forms import UploadForm
from app.upload.inspection import inspect

CHOOSE = "Please choose one of the pictures."
CONFIRM = "Please confirm this, or choose another file."


class ConfirmationForm(UploadForm):
    """What the clinician says of a photograph in a file that is kept; `picture` is which of them, from 1."""

    image = None
    kept = HiddenField()
    picture = RadioField("Picture", coerce=int, validate_choice=False)
    confirmed = BooleanField("I have looked at this, and the photograph may be kept with this patient.")

    def __init__(
        self, file: KeptFile, pixels: bytes, chosen: Destination | None = None, lesions: Sequence[Lesion] = ()
    ) -> None:
        super().__init__(chosen, lesions)
        self.file, self._pixels = file, pixels
        self._previews: Sequence[Preview] = ()
        self.picture.choices = [SelectChoice(str(number), f"Picture {number}") for number in range(1, file.frames + 1)]

    def fill(self, seal: str, previews: Sequence[Preview]) -> None:
        """Offer what the file says in the fields that are empty; what has been given stays."""
        self._previews, self.kept.data = previews, seal
        facts = self.file.facts
        self.kept.data = seal
        offered = {
            "patient_name": facts.name or facts.patient_id,
            "age": facts.age,
            "sex": facts.sex,
            "body_site": facts.body_site,
            "note": words.note_of(facts),
        }
        for name, value in offered.items():
            field: Any = self[name]
            if field.data in (None, "") and value is not None:
                field.data, field.raw_data = value, None

    @property
    def said(self) -> list[tuple[str, str]]:
        """What the file says."""
        return words.said(self.file.facts)

    @property
    def doubts(self) -> list[str]:
        """What has to be confirmed."""
        return words.doubts(self.file.facts, self.patient)

    def stated(self, name: str) -> str | None:
        """Return what the file says where a field has something else."""
        stated = self.file.facts.name if name == "patient_name" else getattr(self.file.facts, name)
        return words.differs(self[name].data, stated)

    def previews(self) -> Sequence[Preview]:
        """Return the pictures in small."""
        self._previews = self._previews or previews_of(self._pixels, self.file.frames, self.limits)
        return self._previews

    def validate_picture(self, field: RadioField) -> None:
        """Decode the picture that was chosen."""
        if not (isinstance(field.data, int) and 1 <= field.data <= self.file.frames):
            raise ValidationError(CHOOSE)
        try:
            self.photograph = inspect(self._pixels, self.limits, index=field.data - 1, confirmed=True)
        except RefusedUploadError as error:
            self.refusal = error
            raise ValidationError(error.message) from error

    def validate_confirmed(self, field: BooleanField) -> None:
        """Ask for a confirmation where there is something to look at."""
        if self.doubts and not field.data:
            raise ValidationError(CONFIRM)
