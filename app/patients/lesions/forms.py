"""The form of a lesion."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, Optional, ValidationError

from app.fields import Readable, tidied
from app.inference import SITES
from app.patients.forms import choices_of
from app.patients.lesions.place import PlaceFields
from app.patients.records import LesionFacts
from app.patients.rules import LONGEST_LABEL, LONGEST_NOTE, NOTICED, is_noticed
from app.patients.seen import print_of
from app.patients.tables import Lesion
from app.results.forms import DayField
from app.visible import JOINERS, LINES

FIELDS = ("label", "site", "side", "x", "y", "first_noticed", "note")


class LesionForm(PlaceFields, FlaskForm):  # type: ignore[misc]  # Flask-WTF is untyped
    """What is written of a lesion; its place on the body map is filled in by the page's script."""

    seen = HiddenField()  # what was written when the page was made
    label = StringField(
        "Label",
        filters=[tidied],
        description="Such as “left shoulder, upper”. Without one the lesion is numbered.",
        validators=[Length(max=LONGEST_LABEL, message="Please use at most 80 characters."), Readable()],
    )
    site = SelectField("Body site", choices=choices_of(SITES), default="")
    first_noticed = DayField("First noticed", [Optional()])
    note = TextAreaField(
        "Note",
        filters=[tidied],
        validators=[
            Length(max=LONGEST_NOTE, message="Please use at most 2,000 characters."),
            Readable(JOINERS + LINES),
        ],
    )

    @classmethod
    def of(cls, lesion: Lesion) -> LesionForm:
        """Return the form filled in with what is written of a lesion."""
        written = {name: getattr(lesion, name) for name in FIELDS}
        return cls(data=written | {"seen": print_of(lesion), "site": lesion.site or "", "side": lesion.side or ""})

    def validate_first_noticed(self, field: DateField) -> None:
        """Refuse days that nobody can have noticed anything on yet, or any more."""
        if field.data is not None and not is_noticed(field.data):
            raise ValidationError(NOTICED)

    def validate_site(self, _field: SelectField) -> None:
        """Refuse half a place on the map; the error is shown beside the list of sites."""
        self.require_whole_place()

    @property
    def facts(self) -> LesionFacts:
        """What was written."""
        return LesionFacts(
            label=self.label.data,
            site=self.site.data or None,
            side=self.side.data or None,
            x=self.x.data,
            y=self.y.data,
            first_noticed=self.first_noticed.data,
            note=self.note.data,
        )
