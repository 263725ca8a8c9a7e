"""Forms of the patients: what is written of one, the search, and the word that erases."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, Form, HiddenField, SearchField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the type stubs
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from app.encrypted.names import folded
from app.fields import DigitsField, Readable, tidied
from app.inference import SEXES
from app.patients.records import PatientFacts
from app.patients.rules import BORN, LONGEST_NAME, LONGEST_NOTES, is_birth_year
from app.patients.seen import print_of
from app.patients.tables import Patient
from app.results.forms import printable
from app.visible import JOINERS, LINES

WRITTEN = ("name", "birth_year", "sex", "notes")
WRONG_NAME = "This is not the name of the patient. Nothing was erased."
SKIN_TYPES = (  # Fitzpatrick 1988, Arch Dermatol 124(6):869
    "I: always burns, never tans",
    "II: always burns, then tans slightly",
    "III: sometimes burns, tans evenly",
    "IV: rarely burns, tans easily",
    "V: very rarely burns, tans very easily",
    "VI: never burns",
)


def choices_of(codes: tuple[str, ...]) -> list[SelectChoice]:
    """Return codes that are words as choices, and first none of them."""
    return [SelectChoice("", "Not given"), *(SelectChoice(code, code.capitalize()) for code in codes)]


class PatientForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is untyped
    """What is written of a patient; `seen` stands for what was written when the page was made."""

    seen = HiddenField()
    name = StringField(
        "Name or reference",
        filters=[tidied],
        description="As you would look for it later. Several patients may have the same name.",
        validators=[
            DataRequired("Please give a name or a reference."),
            Length(max=LONGEST_NAME, message="Please use at most 120 characters."),
            Readable(),
        ],
    )
    birth_year = DigitsField("Year of birth", BORN, 4, [Optional()])
    sex = SelectField("Sex", choices=choices_of(SEXES), default="")
    skin_type = SelectField(
        "Skin type (Fitzpatrick)",
        choices=[
            SelectChoice("", "Not given"),
            *(SelectChoice(str(number), words) for number, words in enumerate(SKIN_TYPES, start=1)),
        ],
        default="",
    )
    notes = TextAreaField(
        "Notes",
        filters=[tidied],
        validators=[
            Length(max=LONGEST_NOTES, message="Please use at most 10,000 characters."),
            Readable(JOINERS + LINES),
        ],
    )

    @classmethod
    def of(cls, patient: Patient) -> PatientForm:
        """Return the form filled in with what is written of a patient."""
        written = {name: getattr(patient, name) for name in WRITTEN}
        return cls(
            data=written
            | {"seen": print_of(patient), "sex": patient.sex or "", "skin_type": str(patient.skin_type or "")}
        )

    def validate_birth_year(self, field: DigitsField) -> None:
        """Refuse years in which no living person was born."""
        if field.data is not None and not is_birth_year(field.data):
            raise ValidationError(BORN)

    @property
    def facts(self) -> PatientFacts:
        """What was written."""
        return PatientFacts(
            name=self.name.data or "",
            birth_year=self.birth_year.data,
            sex=self.sex.data or None,
            skin_type=int(self.skin_type.data) if self.skin_type.data else None,
            notes=self.notes.data,
        )


class SearchForm(Form):
    """Which patients to list. It changes nothing, so it is sent with GET and needs no token."""

    name = SearchField(
        "How a name or reference begins",
        [Length(max=LONGEST_NAME, message="Please search for at most 120 characters.")],
        filters=[printable],
    )
    archived = BooleanField("Show archived patients, too")

    @property
    def query(self) -> dict[str, str]:
        """What was asked for, as it stands in the address."""
        return {name: str(value) for name, value in self.data.items() if value}


class ErasureForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is untyped
    """The patient's name, typed again: nobody is erased by one click."""

    name = StringField("Type the name to confirm", [DataRequired(WRONG_NAME)], filters=[tidied])

    def __init__(self, patient: Patient) -> None:
        super().__init__()
        self._name = folded(patient.name)

    def validate_name(self, field: StringField) -> None:
        """Refuse anything but the name, however it is spelt."""
        if folded(field.data or "") != self._name:
            raise ValidationError(WRONG_NAME)
