"""The form that filters the history. It changes nothing, so it is sent with GET and needs no token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the type stubs
    BooleanField,
    DateField,
    Form,
    IntegerField,
    SearchField,
    SelectChoice,
    SelectField,
)
from wtforms.validators import Length, NumberRange, Optional, ValidationError

from app.inference import SITES, TASKS, current_classifiers
from app.results.history import filters as words
from app.results.history.filters import Filters
from app.results.verdicts.labels import UNCERTAIN, VERDICTS
from app.results.wording import COUNTS

YEARS = range(2000, 2200)
SORTS = [
    SelectChoice("newest", "Newest first"),
    SelectChoice("oldest", "Oldest first"),
    SelectChoice("suspicious", "Most suspicious first"),
    SelectChoice("patient", "Patient by patient"),
]
CLASSES = [
    SelectChoice("", "All classes"),
    SelectChoice(words.ANSWERED, "Any answer: accepted"),
    SelectChoice(words.NO_ANSWER, "No answer: not accepted"),
    *(
        SelectChoice(label.code, label.name, optgroup=f"Classifiers of {COUNTS[len(task.labels)]} classes")
        for task in TASKS.values()
        for label in task.labels
    ),
]
BODY_SITES = [SelectChoice("", "All sites"), *(SelectChoice(site, site.capitalize()) for site in SITES)]
DIAGNOSES = [
    SelectChoice("", "All tests"),
    SelectChoice(words.GIVEN, "Any"),
    SelectChoice(words.NOT_GIVEN, "None yet"),
    SelectChoice(words.MALIGNANT, "Malignant"),
    SelectChoice(words.BENIGN, "Benign"),
    SelectChoice(words.AGAINST, "Malignant against benign: other than the classifier"),
    *(SelectChoice(code, label.name, optgroup="One diagnosis") for code, label in VERDICTS.items()),
]
ASSESSMENTS = [*DIAGNOSES, SelectChoice(UNCERTAIN, "Uncertain", optgroup="One diagnosis")]
CHIPS = MappingProxyType(
    {
        "malignancy_from": "Malignancy from {} %",
        "malignancy_to": "Malignancy to {} %",
        "date_from": "From {}",
        "date_to": "Until {}",
    }
)
PERCENT = [Optional(), NumberRange(0, 100, "Please give a whole number from 0 to 100.")]


def printable(text: str | None) -> str | None:
    """Drop what can't be seen, and spaces at the ends; databases choke on some of it."""
    return None if text is None else "".join(c for c in text if c.isprintable()).strip()


def of_our_time(_form: Form, field: DateField) -> None:
    """Refuse years that no test can be of."""
    if field.data is not None and field.data.year not in YEARS:
        raise ValidationError("Please give a date from the year 2000 on.")


SHORT = [Length(max=120, message="Please search for at most 120 characters.")]
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


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter that is set, in words, and the address's query without it."""

    words: str
    without: Mapping[str, str]


class HistoryForm(Form):
    """What to list; blank fields ask for anything."""

    patient = SearchField("Patient", SHORT, filters=[printable])
    sort = SelectField("Order", choices=SORTS, default="newest")
    nobody = BooleanField("Kept with nobody yet")
    lesion = SearchField("Label of the lesion", SHORT, filters=[printable])
    site = SelectField("Body site", choices=BODY_SITES, default="")
    label = SelectField("Class", choices=CLASSES, default="")
    malignancy_from = PercentField("Malignancy from, %", PERCENT)
    malignancy_to = PercentField("Malignancy to, %", PERCENT)
    alert = BooleanField("Above the alert threshold")
    assessment = SelectField("Your assessment", choices=ASSESSMENTS, default="")
    diagnosis = SelectField("Confirmed diagnosis", choices=DIAGNOSES, default="")
    date_from = DayField("Date from", DAY)
    date_to = DayField("Date to", DAY)
    classifier = SelectField("Classifier", SHORT, default="", validate_choice=False, filters=[printable])
    text = SearchField("Text in notes", SHORT, filters=[printable])

    def __init__(self, formdata: Any = None, **options: Any) -> None:
        super().__init__(formdata, **options)
        names = [card.name for card in current_classifiers().cards()]
        gone = self.classifier.data not in ("", *names)
        self.classifier.choices = [
            SelectChoice("", "All classifiers"),
            *(SelectChoice(name, name) for name in names),
            *([SelectChoice(self.classifier.data, f"{self.classifier.data} (not installed)")] if gone else []),
        ]

    def validate_malignancy_to(self, field: PercentField) -> None:
        """Refuse a range that ends before it begins."""
        _in_order(self.malignancy_from.data, field.data)

    def validate_date_to(self, field: DayField) -> None:
        """Refuse a span that ends before it begins."""
        _in_order(self.date_from.data, field.data)

    @property
    def filters(self) -> Filters:
        """The filters of a valid form."""
        return Filters(**{name: value for name, value in self.data.items() if _is_set(value)})

    @property
    def query(self) -> Mapping[str, str]:
        """The filters that were set, as they stand in the address."""
        return {
            name: "y" if value is True else str(value)
            for name, value in self.data.items()
            if _is_set(value) and (name, value) != ("sort", "newest")
        }

    @property
    def chips(self) -> list[Chip]:
        """The filters that were set, each with the way to take it off."""
        query = self.query
        return [
            Chip(self._words(self[name]), {other: value for other, value in query.items() if other != name})
            for name in query
            if name != "sort"
        ]

    def _words(self, field: Any) -> str:
        if isinstance(field, BooleanField):
            return str(field.label.text)
        chosen = [choice.label for choice in getattr(field, "choices", ()) if choice.value == field.data]
        return CHIPS.get(field.name, f"{field.label.text}: {{}}").format(*chosen or [field.data])


def _is_set(value: object) -> bool:
    return value not in ("", None) and value is not False  # 0 is a number that was asked for


def _in_order(start: int | date | None, end: int | date | None) -> None:
    if start is not None and end is not None and end < start:  # type: ignore[operator]  # both of a kind
        raise ValidationError("The end lies before the beginning.")
