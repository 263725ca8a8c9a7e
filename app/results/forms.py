"""The form that filters the history. It changes nothing, so it is sent with GET and needs no token."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the type stubs
    DateField,
    Form,
    IntegerField,
    SearchField,
    SelectChoice,
    SelectField,
)
from wtforms.validators import Length, NumberRange, Optional, ValidationError

from app.inference import TASKS
from app.results.history import NO_ANSWER, Filters
from app.results.wording import COUNTS

YEARS = range(2000, 2200)
SORTS = [
    SelectChoice("newest", "Newest first"),
    SelectChoice("oldest", "Oldest first"),
    SelectChoice("suspicious", "Most suspicious first"),
    SelectChoice("patient", "Patient, A to Z"),
]
CLASSES = [
    SelectChoice("", "All classes"),
    SelectChoice(NO_ANSWER, "No answer: not accepted"),
    *(
        SelectChoice(label.code, label.name, optgroup=f"Classifiers of {COUNTS[len(task.labels)]} classes")
        for task in TASKS.values()
        for label in task.labels
    ),
]
PERCENT = [Optional(), NumberRange(0, 100, "Please give a whole number from 0 to 100.")]


def printable(text: str | None) -> str | None:
    """Drop what can't be seen, and spaces at the ends; databases choke on some of it."""
    return None if text is None else "".join(c for c in text if c.isprintable()).strip()


def of_our_time(_form: Form, field: DateField) -> None:
    """Refuse years that no test can be of."""
    if field.data is not None and field.data.year not in YEARS:
        raise ValidationError("Please give a date from the year 2000 on.")


DAY = [Optional(), of_our_time]


class PercentField(IntegerField):
    """A whole number from 0 to 100."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read a number; what isn't one is refused in our own words."""
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError("Please give a whole number from 0 to 100.") from error


class DayField(DateField):
    """A calendar day, as browsers send it."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read a day; what isn't one is refused in our own words."""
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError("Please give a date as year-month-day, such as 2026-03-01.") from error


class HistoryForm(Form):
    """What to list; blank fields ask for anything."""

    patient = SearchField(
        "Patient",
        [Length(max=120, message="Please search for at most 120 characters.")],
        filters=[printable],
    )
    label = SelectField("Class", choices=CLASSES, default="")
    malignancy_from = PercentField("Malignancy from, %", PERCENT)
    malignancy_to = PercentField("Malignancy to, %", PERCENT)
    date_from = DayField("Date from", DAY)
    date_to = DayField("Date to", DAY)
    sort = SelectField("Order", choices=SORTS, default="newest")

    def validate_malignancy_to(self, field: PercentField) -> None:
        """Refuse a range that ends before it begins."""
        _in_order(self.malignancy_from.data, field.data)

    def validate_date_to(self, field: DayField) -> None:
        """Refuse a span that ends before it begins."""
        _in_order(self.date_from.data, field.data)

    @property
    def filters(self) -> Filters:
        """The filters of a valid form."""
        return Filters(**{name: value for name, value in self.data.items() if value not in ("", None)})

    @property
    def query(self) -> Mapping[str, str]:
        """The filters that were set, as they stand in the address."""
        return {
            name: str(value)
            for name, value in self.data.items()
            if value not in ("", None) and (name, value) != ("sort", "newest")
        }


def _in_order(start: int | date | None, end: int | date | None) -> None:
    if start is not None and end is not None and end < start:  # type: ignore[operator]  # both of a kind
        raise ValidationError("The end lies before the beginning.")
