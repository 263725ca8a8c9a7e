"""The form that chooses the period. It changes nothing, so it is sent with GET and needs no token."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from wtforms import Form, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the type stubs
from wtforms.validators import ValidationError

from app.dashboard.counting import Version
from app.dashboard.period import ALL, LENGTHS, OWN, USUAL, Period, between, last_weeks
from app.results.forms import DAY, DayField

PERIODS = [
    SelectChoice("4w", "Last 4 weeks"),
    SelectChoice("3m", "Last 3 months"),
    SelectChoice("12m", "Last 12 months"),
    SelectChoice(ALL, "All"),
    SelectChoice(OWN, "Own dates"),
]


class PeriodForm(Form):
    """Which tests are counted: a period, and one version of one classifier (blank: the one most used in it)."""

    period = SelectField("Period", choices=PERIODS, default=USUAL)
    date_from = DayField("Date from", DAY)
    date_to = DayField("Date to", DAY)
    classifier = SelectField("Classifier", choices=[], default="", validate_choice=False)

    def validate_date_to(self, field: DayField) -> None:
        """Refuse a span that ends before it begins."""
        first = self.date_from.data
        if self.period.data == OWN and first is not None and field.data is not None and field.data < first:
            raise ValidationError("The end lies before the beginning.")

    def chosen(self, today: date) -> Period:
        """Return the period of a valid form."""
        if self.period.data == OWN:
            return between(self.date_from.data, self.date_to.data, today)
        if self.period.data == ALL:
            return between(None, None, today)
        return last_weeks(LENGTHS[self.period.data], today)

    def offer(self, versions: Sequence[Version], shown: Version | None) -> None:
        """Let the person choose among the versions that were used; nothing is asked where there is only one."""
        if len(versions) > 1 and shown is not None:
            self.classifier.choices = [SelectChoice(one.key, f"{one.name} {one.number}") for one in versions]
            self.classifier.data = shown.key

    @property
    def query(self) -> Mapping[str, str]:
        """What was chosen, as it stands in the address."""
        usual = {"period": USUAL, "classifier": ""}
        return {name: str(value) for name, value in self.data.items() if value and value != usual.get(name)}
