"""What is sent and answered of consents."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from app.api.schemas import Answer, Moment, OneLine, OneOf, Sent, must
from app.patients.consents.tables import USES, WAYS, Consent, is_possible

Use = Annotated[str, OneOf(*USES)]
Way = Annotated[str, OneOf(*WAYS)]
Day = Annotated[date, must(is_possible, "Send a day that is not in the future")]
FORM = "The form that was read or signed, by its version."


class ConsentSent(Sent):
    """What a patient says of a use of the data; it is in force from then on, and nothing of before is changed."""

    purpose: Use = Field(examples=["research"], description="`care`, or `research`: pseudonymised exports.")
    given: bool = Field(examples=[True], description="False where consent is withdrawn or refused.")
    day: Day = Field(examples=["2026-03-01"], description="When the patient said so.")
    how: Way = Field(examples=["paper"])
    form_version: Annotated[str, OneLine(60)] | None = Field(None, examples=["2026-03"], description=FORM)


class ConsentAnswer(Answer):
    """What was recorded; the newest of each purpose is in force."""

    purpose: Use
    given: bool
    day: date = Field(examples=["2026-03-01"])
    how: Way
    form_version: str | None = Field(description=FORM, examples=["2026-03"])
    author: str = Field(description="Who recorded it.", examples=["Ada Berg"])
    recorded_at: Moment

    @classmethod
    def of(cls, row: Consent) -> ConsentAnswer:
        """Answer a row."""
        said = {name: getattr(row, name) for name in ConsentSent.model_fields}
        return cls(**said, author=row.author_name, recorded_at=row.recorded_at)
