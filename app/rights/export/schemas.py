"""What patient.json says: the fields with their meaning, from which its JSON Schema is made, too."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Entry(BaseModel):
    """A row of the record under the names that it is kept by."""

    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True, populate_by_name=True)


class ExportedFollowUp(Entry):
    """A day on which a lesion is, or was, to be looked at again."""

    public_id: str
    due: date
    reason: str | None
    created_at: datetime
    done_at: datetime | None = Field(description="When somebody said that it has been done.")


class ExportedLesion(Entry):
    """A place on the skin that is looked at again."""

    public_id: str
    label: str
    site: str | None
    side: str | None = Field(description="Side of the body map, front or back.")
    x: float | None = Field(description="Place on the body map, as a fraction of its width from the left.")
    y: float | None = Field(description="The same of its height, from the top.")
    first_noticed: date | None
    note: str | None
    created_at: datetime
    follow_ups: list[ExportedFollowUp] = []


class ExportedConsent(Entry):
    """That consent was given or withdrawn; the newest of each purpose is in force."""

    purpose: str = Field(description="care or research.")
    given: bool = Field(description="false: withdrawn or refused.")
    day: date
    how: str
    form_version: str | None
    author_name: str = Field(description="Who recorded it.")
    recorded_at: datetime


class ExportedOutline(Entry):
    """The lesion's outline, as a network drew it, and what was measured; lengths in pixels of the photograph."""

    version: str = Field(description="Version of the network.")
    confidence: float
    polygon: list[list[float]] = Field(description="Points as fractions of width and height.")
    refused: str | None = Field(description="Why there is no outline, if there is none.")
    area: float | None
    diameter: float | None
    asymmetry: float | None
    irregularity: float | None
    notching: float | None
    colour_spread: float | None
    colours: list[str] | None
    hair: float | None
    measured_at: datetime


class ExportedScale(Entry):
    """A length that was drawn on the photograph; without one, the scale was taken away."""

    start_x: float | None
    start_y: float | None
    end_x: float | None
    end_y: float | None
    millimetres: float | None
    author_name: str
    created_at: datetime


class ExportedVerdict(Entry):
    """What a clinician said of a test; the newest of each kind is in force, and without a label takes one back."""

    kind: str = Field(description="assessment: the clinician's own; diagnosis: the confirmed one.")
    label: str | None
    basis: str | None = Field(description="How a diagnosis was made.")
    found_on: date | None
    note: str | None
    blind: bool = Field(description="Given before the classifier's answer had been shown to this clinician.")
    author_name: str
    created_at: datetime


class ExportedDelivery(Entry):
    """That a test was, or is to be, sent to another system of the clinic."""

    public_id: str
    destination: str = Field(description="fhir: the record system; pacs: the image archive.")
    state: str
    attempts: int
    reason: str | None = Field(description="Why the last attempt failed.")
    reference: str | None = Field(description="What the other system calls it.")
    requested_at: datetime
    sent_at: datetime | None


class ExportedNature(Entry):
    """What a clinician said of the photograph."""

    dermoscopic: bool
    anonymous: bool


class ExportedBatch(Entry):
    """The batch that a photograph came in."""

    public_id: str
    created_at: datetime
    file: str | None = Field(description="What the file was called; left out if it may name another patient.")


class ExportedReport(Entry):
    """A report that was issued; its file is in the archive, signed if it was signed."""

    code: str
    kind: str
    version: int
    reason: str | None = Field(description="Why it took the place of a signed one.")
    issued_by: str
    issued_at: datetime
    signed_by: str | None
    signed_at: datetime | None
    pdf_sha256: str
    file: str = Field(description="Its path in this archive.")


class ExportedTest(Entry):
    """A photograph, and what was said and answered of it."""

    public_id: str
    created_at: datetime
    lesion: str | None = Field(description="public_id of the lesion that it shows.")
    patient_name: str
    age: int | None
    sex: str | None
    body_site: str | None
    note: str | None
    photograph: str = Field(description="Path in this archive.")
    photograph_sha256: str
    width: int
    height: int
    frame_left: int
    frame_top: int
    frame_side: int = Field(description="The square that the classifier looked at, in pixels.")
    model_name: str
    model_version: str
    accepted: bool = Field(description="Whether the photograph was good enough for an answer.")
    reasons: list[str] = Field(description="What spoke against the photograph.")
    threshold: float | None = Field(description="Malignancy from which the classifier alerted.")
    milliseconds: int | None
    concealed: str | None = Field(description="Why the answer is left out, if it is.")
    label: str | None = Field(description="The class with the highest probability.")
    probabilities: dict[str, float] | None
    probabilities_with_patient: dict[str, float] | None = Field(description="The same with age, sex and site.")
    malignancy: float | None
    views: int | None
    views_changed: int | None = Field(description="How many of the further looks gave another class.")
    similar: list[dict[str, Any]] | None = Field(description="Similar lesions of the public training photographs.")
    heatmap: list[list[float]] | None = Field(description="Where the classifier looked, rows of the square, 0 to 1.")
    heatmap_file: str | None = Field(description="The same as a picture: its path in this archive.")
    assessment: str | None
    diagnosis: str | None
    retake: str | None
    outline: ExportedOutline | None
    scales: list[ExportedScale]
    verdicts: list[ExportedVerdict]
    nature: ExportedNature | None
    deliveries: list[ExportedDelivery]
    batch: ExportedBatch | None
    reports: list[ExportedReport]


class ExportedWaiting(Entry):
    """A photograph of the patient that was sent and has not become a test; its file is in the archive if it is kept."""

    public_id: str
    name: str = Field(description="What the file was called.")
    state: str
    reason: str | None
    patient_name: str | None
    age: int | None
    sex: str | None
    body_site: str | None
    file: str | None


class ExportedPatient(Entry):
    """The whole of patient.json; times are UTC."""

    format: str = "lentigo-patient/1"
    made_at: datetime
    public_id: str
    name: str
    birth_year: int | None
    sex: str | None
    skin_type: int | None = Field(description="Fitzpatrick's, 1 to 6.")
    notes: str | None
    archived_at: datetime | None
    created_at: datetime
    consents: list[ExportedConsent]
    lesions: list[ExportedLesion]
    waiting: list[ExportedWaiting]
    tests: list[ExportedTest]
