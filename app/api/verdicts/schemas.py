"""What is sent and answered of verdicts."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from app.api.schemas import SOME_LINES, Answer, Moment, OneOf, Sent
from app.clock import now
from app.inference import OLDEST
from app.results.verdicts.labels import BASES, UNCERTAIN, VERDICTS
from app.results.verdicts.tables import ASSESSMENT, DIAGNOSIS

Kind = Annotated[str, OneOf(ASSESSMENT, DIAGNOSIS)]
VerdictLabel = Annotated[str, OneOf(*VERDICTS, UNCERTAIN)]
Basis = Annotated[str, OneOf(*BASES)]


class NewVerdict(Sent):
    """An assessment, or a confirmed diagnosis; it takes the place of the one of its kind that was in force."""

    kind: Kind = Field(examples=[ASSESSMENT], description="The caller's own assessment, or the confirmed diagnosis.")
    label: VerdictLabel | None = Field(
        examples=["nv"],
        description="What the lesion is; only an assessment may be uncertain. Null takes back what was said before.",
    )
    basis: Basis | None = Field(
        None,
        validate_default=True,
        examples=[None],
        description="How a diagnosis was confirmed: it needs one, and nothing else has one.",
    )
    found_on: date | None = Field(None, examples=[None], description="The day on which a diagnosis was made.")
    note: Annotated[str, Field(max_length=2000), SOME_LINES] | None = Field(
        None, examples=["Regular network, no streaks."]
    )
    replaces: int | None = Field(
        None,
        ge=0,
        examples=[0],
        description="Number of the newest verdict of this kind that the caller knows of, 0 if there is none; if "
        "another one has come since, nothing is recorded (409). Left out, it takes the place of whichever there is.",
    )

    @field_validator("label")
    @classmethod
    def _possible(cls, label: str | None, info: ValidationInfo) -> str | None:
        if label == UNCERTAIN and info.data.get("kind") == DIAGNOSIS:
            raise ValueError("A confirmed diagnosis is not uncertain")
        return label

    @field_validator("basis")
    @classmethod
    def _as_needed(cls, basis: str | None, info: ValidationInfo) -> str | None:
        if "kind" not in info.data or "label" not in info.data:
            return basis
        if basis is None and info.data["kind"] == DIAGNOSIS and info.data["label"] is not None:
            raise ValueError("Say how the diagnosis was confirmed")
        _require_diagnosis(basis, info)
        return basis

    @field_validator("found_on")
    @classmethod
    def _of_our_time(cls, day: date | None, info: ValidationInfo) -> date | None:
        if day is not None and not (now().year - OLDEST <= day.year and day <= now().date()):
            raise ValueError("Give a day that is not in the future")
        _require_diagnosis(day, info)
        return day


class Verdict(Answer):
    """What was said of a lesion at one time. Verdicts are added, never changed: the newest of a kind is in force."""

    number: int = Field(examples=[1], description="Counted from 1, through both kinds, in the order of time.")
    kind: Kind = Field(examples=[ASSESSMENT])
    label: VerdictLabel | None = Field(examples=["nv"], description="Null takes back what was said before.")
    label_name: str | None = Field(examples=["Melanocytic nevus"])
    in_force: bool = Field(
        examples=[True], description="Whether it counts now: the newest of its kind, and not taking one back."
    )
    basis: Basis | None = Field(examples=[None])
    found_on: date | None = Field(examples=[None])
    note: str | None = Field(examples=["Regular network, no streaks."])
    author: str = Field(examples=["Ada Berg"], description="Who said it, as they were called then.")
    blind: bool = Field(description="Whether Lentigo had never shown the classifier's answer to the author before.")
    created_at: Moment = Field(examples=["2026-03-14T09:26:53Z"])


def _require_diagnosis(value: object, info: ValidationInfo) -> None:
    about_diagnosis = info.data.get("kind", DIAGNOSIS) == DIAGNOSIS and info.data.get("label", "") is not None
    if value is not None and not about_diagnosis:
        raise ValueError("Only a diagnosis has one")
