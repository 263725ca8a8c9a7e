"""What the audit log can be asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import starmap

from wtforms import DateField, Form, HiddenField, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the type stubs
from wtforms.validators import Length, Optional, Regexp

from app.audit.events import ACTIONS, OUTCOMES
from app.auth.tables import User
from app.results.forms import DayField

EVERYTHING = ""
ID = Regexp(r"[A-Za-z0-9_-]{22}", message="This is no patient's id.")
DAY = [Optional()]


def choices(anything: str, others: Mapping[str, str]) -> list[SelectChoice]:
    """Return the choices of a field: anything, or one of the others."""
    return [SelectChoice(EVERYTHING, anything), *starmap(SelectChoice, others.items())]


class LogForm(Form):
    """What to list; blank fields ask for anything."""

    person = SelectField("Person", default=EVERYTHING)
    action = SelectField("What", choices=choices("Everything", ACTIONS), default=EVERYTHING)
    outcome = SelectField("Outcome", choices=choices("Any", OUTCOMES), default=EVERYTHING)
    date_from: DateField = DayField("Date from", DAY)
    date_to: DateField = DayField("Date to", DAY)
    patient = HiddenField(validators=[Optional(), Length(max=32), ID])

    def offer(self, members: Sequence[User]) -> None:
        """Let the log be searched by these people."""
        self.person.choices = choices("Everybody", {member.public_id: member.name for member in members})

    @property
    def query(self) -> Mapping[str, str]:
        """Return the form as the query of an address."""
        written = {field.name: _written(field.data) for field in self}
        return {name: value for name, value in written.items() if value}


def _written(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value or "")
