"""The form that plans a follow-up."""

from __future__ import annotations

from datetime import date

from flask_wtf import FlaskForm
from wtforms import DateField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the type stubs
from wtforms.validators import Length, Optional, ValidationError

from app.clock import months_after, now
from app.fields import Readable, tidied
from app.patients.follow_ups.tables import FollowUp
from app.patients.rules import AHEAD, LONGEST_REASON, is_ahead
from app.results.forms import DayField

MONTHS = (3, 6, 12)


class FollowUpForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is untyped
    """When, and why; the buttons of `months` count before the date."""

    due = DayField("Date", [Optional()], id="follow_up_due")
    reason = StringField(
        "Reason",
        id="follow_up_reason",
        filters=[tidied],
        validators=[Length(max=LONGEST_REASON, message="Please use at most 200 characters."), Readable()],
    )
    months = SelectField(choices=[SelectChoice("", ""), *(SelectChoice(str(n), str(n)) for n in MONTHS)], default="")

    @classmethod
    def of(cls, planned: FollowUp | None) -> FollowUpForm:
        """Return the form, not sent yet, filled in with what is planned; a day that is over is left out."""
        if planned is None:
            return cls(formdata=None)
        ahead = planned.due if planned.due >= now().date() else None
        return cls(formdata=None, data={"due": ahead, "reason": planned.reason})

    def validate_months(self, field: SelectField) -> None:
        """Refuse a form with neither."""
        if not field.data and self.due.data is None and not self.due.errors:
            raise ValidationError("Please give a date, or choose in how many months.")

    def validate_due(self, field: DateField) -> None:
        """Refuse days that are over, or far away, where the date is to count."""
        if field.data is not None and not self.months.data and not is_ahead(field.data):
            raise ValidationError(AHEAD)

    @property
    def day(self) -> date:
        """The day of a valid form."""
        if self.due.data is None or self.months.data:
            return months_after(now().date(), int(self.months.data))
        return self.due.data
