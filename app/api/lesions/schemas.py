"""What is sent and answered of lesions and their follow-ups."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from app.api.schemas import SOME_LINES, Answer, Identifier, Moment, OneLine, OneOf, Sent, Site, left_out, must
from app.patients.follow_ups.tables import FollowUp
from app.patients.lesions.kept import KeptLesion
from app.patients.rules import (
    AHEAD,
    LONGEST_LABEL,
    LONGEST_NOTE,
    LONGEST_REASON,
    NOTICED,
    SIDES,
    is_ahead,
    is_noticed,
)

LABEL = "Such as “left shoulder, upper”; without one the lesion is numbered."
SITE = "In the words of HAM10000."
FRACTION = "From the upper left corner of the figure: a fraction of its {}."

Label = Annotated[str, OneLine(LONGEST_LABEL)]
Note = Annotated[str, Field(max_length=LONGEST_NOTE, examples=["Itches since spring."]), SOME_LINES]
Reason = Annotated[str, OneLine(LONGEST_REASON), Field(examples=["Border"])]
Side = Annotated[str, OneOf(*SIDES), Field(examples=["back"])]
Noticed = Annotated[date, must(is_noticed, NOTICED)]


class Place(Sent):
    """A point on one of the two figures of the body map."""

    side: Side
    x: float = Field(ge=0, le=1, description=FRACTION.format("width"), examples=[0.42])
    y: float = Field(ge=0, le=1, description=FRACTION.format("height"), examples=[0.31])


class LesionSent(Sent):
    """A new lesion."""

    label: Label | None = Field(None, description=LABEL, examples=["left shoulder, upper"])
    body_site: Site | None = Field(None, description=SITE, examples=["back"])
    place: Place | None = None
    first_noticed: Noticed | None = Field(None, examples=["2025-11-02"])
    note: Note | None = None


class LesionChanges(Sent):
    """What is to be different: what is left out stays, and null says that it is not known. A label always stays."""

    label: Label = Field(default_factory=left_out, examples=["left shoulder, lower"])
    body_site: Site | None = Field(default_factory=left_out, description=SITE, examples=["back"])
    place: Place | None = Field(default_factory=left_out)
    first_noticed: Noticed | None = Field(default_factory=left_out, examples=["2025-11-02"])
    note: Note | None = Field(default_factory=left_out)


class FollowUpSent(Sent):
    """When a lesion is to be looked at again, and why."""

    due: Annotated[date, must(is_ahead, AHEAD)] = Field(examples=["2027-03-01"])
    reason: Reason | None = None


class PlaceAnswer(Answer):
    """A point on one of the two figures of the body map."""

    side: Side
    x: float = Field(examples=[0.42])
    y: float = Field(examples=[0.31])


class FollowUpAnswer(Answer):
    """A follow-up that is planned."""

    due: date = Field(examples=["2027-03-01"])
    reason: str | None = Field(examples=["Border"])
    created_at: Moment

    @classmethod
    def of(cls, planned: FollowUp) -> FollowUpAnswer:
        """Answer a follow-up."""
        return cls(due=planned.due, reason=planned.reason, created_at=planned.created_at)


class LesionAnswer(Answer):
    """A lesion, the follow-up that is planned, and how many tests show it."""

    id: Identifier
    patient: Identifier = Field(description="Whose it is.")
    label: str = Field(examples=["left shoulder, upper"])
    body_site: Site | None = Field(description=SITE, examples=["back"])
    place: PlaceAnswer | None
    first_noticed: date | None = Field(examples=["2025-11-02"])
    note: str | None = Field(examples=["Itches since spring."])
    created_at: Moment
    follow_up: FollowUpAnswer | None = Field(description="When it is to be looked at again; null if that is not set.")
    tests: int = Field(description="How many tests show it.", examples=[2])

    @classmethod
    def of(cls, patient_id: str, kept: KeptLesion) -> LesionAnswer:
        """Answer a lesion of the patient with a public id."""
        lesion = kept.lesion
        marked = lesion.side is not None and lesion.x is not None and lesion.y is not None
        return cls(
            id=lesion.public_id,
            patient=patient_id,
            label=lesion.label,
            body_site=lesion.site,
            place=PlaceAnswer.model_validate(lesion) if marked else None,
            first_noticed=lesion.first_noticed,
            note=lesion.note,
            created_at=lesion.created_at,
            follow_up=None if kept.planned is None else FollowUpAnswer.of(kept.planned),
            tests=kept.tests,
        )
