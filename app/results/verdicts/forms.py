"""The forms of the verdicts. Each carries which verdict was on the page: what came since is not silently replaced."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field, HiddenField, RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the type stubs
from wtforms.validators import AnyOf, Length, Optional, ValidationError

from app.clock import now
from app.fields import Readable, tidied
from app.inference import OLDEST
from app.results.forms import DayField
from app.results.verdicts.labels import BASES, BENIGN, MALIGNANT, UNCERTAIN, name_of
from app.results.verdicts.records import Said
from app.results.verdicts.tables import ASSESSMENT, DIAGNOSIS, Verdict
from app.visible import JOINERS, LINES

GROUPS = {"benign": BENIGN, "malignant": MALIGNANT, "uncertain": (UNCERTAIN,)}
FIELDS = ("label", "basis", "found_on", "note")


def one_of(label: str, codes: Sequence[str], message: str, **options: Any) -> RadioField:
    """Return a field of which one must be chosen; `message` is said if none is."""
    choices = [SelectChoice(code, BASES.get(code) or name_of(code)) for code in codes]
    return RadioField(
        label, choices=choices, validators=[AnyOf(codes, message=message)], validate_choice=False, **options
    )


def note_field(form: str) -> TextAreaField:
    """Return the field of a note; `form` keeps its id apart from that of another form on the page."""
    limit = Length(max=2000, message="Please use at most 2,000 characters.")
    return TextAreaField("Note", id=f"{form}-note", filters=[tidied], validators=[limit, Readable(JOINERS + LINES)])


class VerdictForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is untyped
    """What the forms of both kinds share; `seen` is the id of the verdict on the page, blank if there was none."""

    kind: str
    seen = HiddenField()

    @classmethod
    def of(cls, verdict: Verdict | None) -> VerdictForm:
        """Return the form as a page shows it, filled in with what is in force."""
        said = {} if verdict is None else {name: getattr(verdict, name) for name in FIELDS}
        form = cls(formdata=None, data=said)
        form.look_at(verdict)
        return form

    def look_at(self, verdict: Verdict | None) -> None:
        """Note which verdict is on the page now."""
        self.seen.data = "" if verdict is None else str(verdict.id)

    @property
    def groups(self) -> dict[str, list[Field]]:
        """The labels to choose from, by side."""
        found = {option.data: option for option in self.label}
        grouped = {name: [found[code] for code in codes if code in found] for name, codes in GROUPS.items()}
        return {name: options for name, options in grouped.items() if options}

    @property
    def said(self) -> Said:
        """What was said."""
        return Said(**{name: self.data.get(name) for name in FIELDS})


class AssessmentForm(VerdictForm):
    """What the clinician thinks a lesion is."""

    kind = ASSESSMENT
    label = one_of(
        "What do you think it is?",
        [*BENIGN, *MALIGNANT, UNCERTAIN],
        "Please choose what you think the lesion is.",
        id="assessment-label",
    )
    note = note_field(ASSESSMENT)


class DiagnosisForm(VerdictForm):
    """What a lesion turned out to be, and how that is known."""

    kind = DIAGNOSIS
    label = one_of(
        "What was found?",
        [*BENIGN, *MALIGNANT],
        "Please choose what the lesion turned out to be.",
        id="diagnosis-label",
    )
    basis = one_of("How was it confirmed?", [*BASES], "Please choose how it was confirmed.", id="diagnosis-basis")
    found_on = DayField("Date of the finding", [Optional()], id="diagnosis-found_on")
    note = note_field(DIAGNOSIS)

    def validate_found_on(self, field: DayField) -> None:
        """Refuse days on which nobody can have found anything yet, or any more."""
        if field.data is not None and not (now().year - OLDEST <= field.data.year and field.data <= now().date()):
            raise ValidationError("Please give a day that is not in the future.")
