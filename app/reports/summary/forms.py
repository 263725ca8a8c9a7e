"""The form of the patient's page: what happens next, in the clinician's choice and words."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from wtforms import DateField, RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the type stubs
from wtforms.validators import AnyOf, Length, Optional, ValidationError

from app.clock import now
from app.fields import Readable, tidied
from app.reports.forms import AmendmentForm
from app.reports.summary.content import Verdicts, reassures_falsely
from app.reports.summary.steps import LOOK_AGAIN, STEPS, Chosen
from app.results.forms import DayField
from app.visible import JOINERS, LINES

YEARS_AHEAD = 10
FALSELY = (
    "Without a benign assessment or diagnosis of yours, this would reassure on the ground of the photograph alone. "
    "Record your assessment first, or choose another step."
)


class SummaryForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is untyped
    """What happens next; nothing is chosen beforehand."""

    reason: Any = None  # what forms of amendments have
    step = RadioField(
        "What happens next",
        choices=[SelectChoice(code, sentence.format(day="the day below")) for code, sentence in STEPS.items()],
        validate_choice=False,
        validators=[AnyOf(STEPS, message="Please choose what happens next.")],
    )
    day = DayField("Day of the next look", [Optional()], description="If you look again.")
    words = TextAreaField(
        "In your words",
        filters=[tidied],
        description="Printed as you write it. Plain words and short sentences are read best.",
        validators=[Length(max=600, message="Please use at most 600 characters."), Readable(JOINERS + LINES)],
    )

    def __init__(self, verdicts: Verdicts) -> None:
        super().__init__()
        self._verdicts = verdicts

    def validate_step(self, field: RadioField) -> None:
        """Refuse to say that nothing is needed where no clinician has said so."""
        if reassures_falsely(self._verdicts, field.data):
            raise ValidationError(FALSELY)

    def validate_day(self, field: DateField) -> None:
        """Refuse a day that is not printed, or that nobody can keep."""
        if self.step.data != LOOK_AGAIN and field.data is not None:
            raise ValidationError("A day is printed only where the spot is looked at again. Choose that, or clear it.")
        today = now().date()
        if field.data is not None and not (today <= field.data and field.data.year <= today.year + YEARS_AHEAD):
            raise ValidationError("Please give a day from today on, within ten years.")

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for a day where one is printed, besides."""
        valid = bool(super().validate(extra_validators))
        if self.step.data == LOOK_AGAIN and self.day.data is None and not self.day.errors:
            self.day.errors = ["Please give the day on which you look again."]
            return False
        return valid

    @property
    def chosen(self) -> Chosen:
        """What was chosen."""
        return Chosen(self.step.data, self.day.data.isoformat() if self.day.data else "", self.words.data or "")


class SummaryAmendmentForm(SummaryForm):
    """The same, where a signed page is replaced."""

    reason = AmendmentForm.reason
