"""What is sent and answered of patients."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from app.api.schemas import SOME_LINES, Answer, Identifier, Moment, OneLine, PageQuery, Sent, Sex, left_out, must
from app.patients.listing import Listed
from app.patients.rules import BORN, LONGEST_NAME, LONGEST_NOTES, birth_years, is_birth_year


def _of_these_years(schema: dict[str, Any]) -> None:
    schema["minimum"], schema["maximum"] = birth_years()


BirthYear = Annotated[int, must(is_birth_year, BORN), Field(json_schema_extra=_of_these_years)]
Name = Annotated[str, OneLine(LONGEST_NAME)]
Notes = Annotated[str, Field(max_length=LONGEST_NOTES, examples=["Melanoma in the family."]), SOME_LINES]
SkinType = Annotated[int, Field(ge=1, le=6, examples=[2])]
NAME = "A name or a reference, as you would look for it later. Several patients may have the same."
SKIN_TYPE = "Fitzpatrick's skin type, I to VI."


class PatientQuery(PageQuery):
    """Which patients to list."""

    name: Name | None = Field(None, description="How words of the name begin, from two letters on.")
    archived: bool = Field(False, description="List archived patients, too.")


class PatientSent(Sent):
    """A new patient."""

    name: Name = Field(description=NAME, examples=["Ingrid Sørensen"])
    birth_year: BirthYear | None = Field(None, examples=[1972])
    sex: Sex | None = None
    skin_type: SkinType | None = Field(None, description=SKIN_TYPE)
    notes: Notes | None = None


class PatientChanges(Sent):
    """What is to be different: what is left out stays, and null says that it is not known."""

    name: Name = Field(default_factory=left_out, description=NAME, examples=["Ingrid Berg"])
    birth_year: BirthYear | None = Field(default_factory=left_out, examples=[1972])
    sex: Sex | None = Field(default_factory=left_out)
    skin_type: SkinType | None = Field(default_factory=left_out, description=SKIN_TYPE)
    notes: Notes | None = Field(default_factory=left_out)
    archived: bool = Field(default_factory=left_out, description="Archived patients take no tests; all is kept.")


class MergeSent(Sent):
    """Who else is the same patient."""

    other: Identifier = Field(description="The patient whose record goes: lesions, tests and notes move.")


class PatientAnswer(Answer):
    """A patient, and how many tests are kept."""

    id: Identifier
    name: str = Field(examples=["Ingrid Sørensen"])
    birth_year: int | None = Field(examples=[1972])
    sex: Sex | None
    skin_type: int | None = Field(description=SKIN_TYPE, examples=[2])
    notes: str | None = Field(examples=["Melanoma in the family."])
    archived: bool
    created_at: Moment
    tests: int = Field(description="How many tests are kept with the patient.", examples=[3])
    last_test_at: Moment | None = Field(description="When the newest was made.")

    @classmethod
    def of(cls, listed: Listed) -> PatientAnswer:
        """Answer a patient, with the tests as they were counted."""
        patient = listed.patient
        return cls(
            id=patient.public_id,
            name=patient.name,
            birth_year=patient.birth_year,
            sex=patient.sex,
            skin_type=patient.skin_type,
            notes=patient.notes,
            archived=patient.archived_at is not None,
            created_at=patient.created_at,
            tests=listed.tests,
            last_test_at=listed.last_test,
        )
