"""What comes with a photograph: as the web form has it, but that nobody has to be named."""

from __future__ import annotations

import secrets
from typing import Annotated

from flask import current_app, request
from pydantic import Field, ValidationInfo, field_validator
from sqlalchemy.orm import Session

from app.api.callers import caller
from app.api.models.asked import known_model
from app.api.predictions.dicom import photograph_in
from app.api.predictions.schemas import DicomSays
from app.api.reading import FilePart, InvalidRequestError, naming
from app.api.schemas import SOME_LINES, Identifier, OneLine, Sent, Sex, Site
from app.clock import now
from app.decoding.limits import Limits
from app.inference import OLDEST
from app.patients.filing.choices import chosen_by, known_of
from app.patients.filing.services import Destination
from app.results.records import PatientDetails
from app.upload.framing import OUTSIDE, Fractions
from app.upload.inspection import SafeImage

FILES = {"image": FilePart("The photograph: PNG, JPEG or DICOM, recognised by its content.")}
LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # none that is taken for another
FROM_RECORD = "Left out, it is what the record of the patient, or of the lesion, says."

Fraction = Annotated[float, Field(ge=0, le=1)]


class NewPrediction(Sent):
    """What is said of a photograph. Without patient, lesion or name it is kept with nobody, under a reference."""

    patient: Identifier | None = Field(None, description="Public id of the patient to keep the test with.")
    lesion: Identifier | None = Field(None, description="Public id of the lesion that the photograph shows.")
    patient_name: Annotated[str, OneLine(120)] | None = Field(
        None,
        examples=["Ingrid Sørensen"],
        description="Name or reference, in place of `patient`. The test is kept with the patient of this name, who is "
        "made if there is none; with nobody, until somebody chooses, where more than one could be meant.",
    )
    age: Annotated[int, Field(ge=0, le=OLDEST)] | None = Field(None, examples=[54], description=FROM_RECORD)
    sex: Sex | None = Field(None, examples=["female"], description=FROM_RECORD)
    body_site: Site | None = Field(None, examples=["back"], description=FROM_RECORD)
    note: Annotated[str, Field(max_length=2000), SOME_LINES] | None = Field(None, examples=["Itches since spring."])
    model: Annotated[str, OneLine(64)] | None = Field(
        None, examples=["mobilenetv2-ham7"], description="Name of the classifier; left out, the site's default."
    )
    careful: bool = Field(
        True,
        description="Asks for a look at several views of the photograph. Every classifier looks at as many as it can "
        "in any case, so this changes nothing: `views` in the answer says how many there were.",
    )
    frame_left: Fraction | None = Field(None, description="Of the square to look at: left edge, by the width.")
    frame_top: Fraction | None = Field(None, description="Top edge, by the height.")
    frame_side: Fraction | None = Field(
        None,
        validate_default=True,
        description="Side, by the shorter side. All three or none: left out, it is the largest centred square.",
    )

    picture: Annotated[int, Field(ge=1)] | None = Field(
        None, description="Which picture of a DICOM file with several is meant, counted from 1."
    )
    confirmed: bool = Field(
        False,
        description="Somebody has looked at what a DICOM file says: that there is writing in the picture, that the "
        "patient can be recognised, or that it is of another patient than `patient`. Else such a file is refused.",
    )

    @field_validator("patient_name")
    @classmethod
    def _one_way_to_say_who(cls, name: str | None, info: ValidationInfo) -> str | None:
        if name is not None and (info.data.get("patient") or info.data.get("lesion")):
            raise ValueError("Send a name, or the id of a patient or lesion, not both")
        return name

    @field_validator("frame_side")
    @classmethod
    def _whole_square(cls, side: float | None, info: ValidationInfo) -> float | None:
        edges = [info.data[name] for name in ("frame_left", "frame_top") if name in info.data]
        if any((edge is None) != (side is None) for edge in edges):
            raise ValueError(OUTSIDE)
        return side

    @property
    def fractions(self) -> Fractions | None:
        """The square that is to be looked at; None where the centred one is meant."""
        if self.frame_left is None or self.frame_top is None or self.frame_side is None:
            return None
        return Fractions(self.frame_left, self.frame_top, self.frame_side)


def photograph_sent(form: NewPrediction, destination: Destination | None) -> tuple[SafeImage, DicomSays | None]:
    """Judge the file that came along, no more of which is read than may be sent; see `photograph_in`."""
    limits = Limits.of(current_app.config["SETTINGS"])
    return photograph_in(
        request.files["image"].stream.read(limits.bytes + 1),
        limits,
        number=form.picture,
        confirmed=form.confirmed,
        patient=None if destination is None else destination.patient,
    )


def destination_of(session: Session, form: NewPrediction) -> Destination | None:
    """Return where the test is to be kept; None where a name is to tell, or nothing is said.

    ArchivedError, and InvalidRequestError for what is not there, or a lesion of another patient.
    """
    with naming("form", "lesion" if form.lesion else "patient"):
        found = chosen_by(session, caller(), patient=form.patient, lesion=form.lesion)
    if found is not None and form.patient not in (None, found.patient.public_id):
        raise InvalidRequestError.of("form", "lesion", "This is a lesion of another patient.")
    return found


def details_of(form: NewPrediction, destination: Destination | None) -> PatientDetails:
    """Return what is said of the patient, and for the rest what the record says, as on the page of a new test."""
    known = {} if destination is None else known_of(destination, now().year)
    return PatientDetails(
        patient_name=_name(form, destination),
        age=known.get("age") if form.age is None else form.age,
        sex=form.sex or known.get("sex") or None,
        body_site=form.body_site or known.get("body_site") or None,
        note=form.note,
    )


def model_of(form: NewPrediction) -> str:
    """Return the classifier that is to answer; InvalidRequestError if there is none of that name."""
    return known_model(form.model, "form", "model")


def is_for_nobody(form: NewPrediction) -> bool:
    """Tell whether nothing is said of whom the test is to be kept with."""
    return not (form.patient or form.lesion or form.patient_name)


def _name(form: NewPrediction, destination: Destination | None) -> str:
    if destination is not None:
        return destination.patient.name
    return form.patient_name or f"Unnamed {now():%Y-%m-%d} {''.join(secrets.choice(LETTERS) for _ in range(6))}"
