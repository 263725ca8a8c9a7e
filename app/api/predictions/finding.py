"""What the list of tests can be asked for: the filters of the history, which finds the same."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator
from sqlalchemy.orm import Session

from app.api.callers import caller
from app.api.reading import naming
from app.api.schemas import Identifier, OneLine, OneOf, PageQuery, SentMoment, Site
from app.inference import TASKS
from app.patients.selectors import lesion_of, patient_of
from app.results.history import filters as words
from app.results.history.filters import ExactFilters
from app.results.verdicts.labels import UNCERTAIN, VERDICTS

SIDES = (words.GIVEN, words.NOT_GIVEN, words.BENIGN, words.MALIGNANT, words.AGAINST)
CLASSES = tuple(label.code for task in TASKS.values() for label in task.labels)
OR_WORDS = "a code, any, none, benign, malignant, or against: malignant against benign, other than the classifier."

Share = Annotated[float, Field(ge=0, le=1)]
Text = Annotated[str, OneLine(120)]


class PredictionQuery(PageQuery):
    """Which tests to list, the newest first; all conditions have to be met.

    Conditions on answers find none that is hidden.
    """

    patient: Identifier | None = Field(None, description="Kept with this patient.")
    lesion: Identifier | None = Field(None, description="Of this lesion.")
    name: Text | None = Field(None, description="How words of the patient's name begin, from two letters on.")
    unfiled: bool = Field(False, description="Kept with nobody yet.")
    lesion_label: Text | None = Field(None, description="Part of the lesion's label.")
    body_site: Site | None = Field(None, description="Of this body site.")
    accepted: bool | None = Field(None, description="Whether the photograph was accepted.")
    label: Annotated[str, OneOf(*CLASSES)] | None = Field(None, description="Answered as this class.")
    malignancy_min: Share | None = Field(None, description="Malignancy from this on.")
    malignancy_max: Share | None = Field(None, description="Malignancy up to this.")
    alert: bool = Field(False, description="Malignancy at or above the alert threshold.")
    assessment: Annotated[str, OneOf(*SIDES, *VERDICTS, UNCERTAIN)] | None = Field(
        None, description=f"The own assessment: {OR_WORDS}"
    )
    diagnosis: Annotated[str, OneOf(*SIDES, *VERDICTS)] | None = Field(
        None, description=f"The confirmed diagnosis: {OR_WORDS}"
    )
    model: Annotated[str, OneLine(64)] | None = Field(None, description="Answered by this classifier.")
    created_from: SentMoment | None = Field(None, description="Not before this moment, with its time zone.")
    created_to: SentMoment | None = Field(None, description="Before this moment, with its time zone.")
    text: Text | None = Field(None, description="Part of the note, or of that of a verdict.")

    @field_validator("label")
    @classmethod
    def _of_an_answer(cls, label: str | None, info: ValidationInfo) -> str | None:
        if label is not None and info.data.get("accepted") is False:
            raise ValueError("Photographs that were not accepted have no class")
        return label


def filters_of(session: Session, query: PredictionQuery) -> ExactFilters:
    """Return what is asked for; InvalidRequestError if patient or lesion are not the caller's."""
    answers = {None: None, True: words.ANSWERED, False: words.NO_ANSWER}[query.accepted]
    return ExactFilters(
        patient=query.name,
        nobody=query.unfiled,
        lesion=query.lesion_label,
        site=query.body_site,
        label=query.label or answers,
        malignancy_min=query.malignancy_min,
        malignancy_max=query.malignancy_max,
        alert=query.alert,
        assessment=query.assessment,
        diagnosis=query.diagnosis,
        classifier=query.model,
        created_from=query.created_from,
        created_to=query.created_to,
        text=query.text,
        patient_id=_patient_id(session, query.patient),
        lesion_id=_lesion_id(session, query.lesion),
    )


def _patient_id(session: Session, public_id: str | None) -> int | None:
    with naming("query", "patient"):
        return None if public_id is None else patient_of(session, caller(), public_id).id


def _lesion_id(session: Session, public_id: str | None) -> int | None:
    with naming("query", "lesion"):
        return None if public_id is None else lesion_of(session, caller(), public_id)[1].id
