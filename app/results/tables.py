"""Tables of the analyses."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    and_,
    literal_column,
    text,
)
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column, relationship

from app.auth.tables import User
from app.clock import UtcDateTime, now
from app.encrypted import EncryptedText
from app.extensions import Base
from app.public_ids import new_public_id

# what the history can be searched by: so that an index tells without the row whether a test is found
SEARCHED = (
    "created_at", "suspicion", "label", "accepted", "threshold", "body_site", "assessment", "diagnosis", "model_name",
    "patient_key", "patient_id", "lesion_id",
)  # fmt: skip
DUE, TAKEN, DISMISSED = "due", "taken", "dismissed"  # a photograph that should be taken again
UNRANKED = -1.0  # suspicion where there is no answer: below every malignancy


def suspicion_of(inserted: DefaultExecutionContext) -> float:
    """Return the malignancy of a row that is being inserted; UNRANKED if its photograph was not accepted."""
    row = inserted.get_current_parameters()  # type: ignore[no-untyped-call]  # SQLAlchemy's
    return float(row["malignancy"]) if row["accepted"] else UNRANKED


def retake_of(inserted: DefaultExecutionContext) -> str | None:
    """Return DUE for a row that is being inserted if its photograph was not accepted, or only with a caution."""
    row = inserted.get_current_parameters()  # type: ignore[no-untyped-call]  # SQLAlchemy's
    return DUE if row["reasons"] or not row["accepted"] else None


def only_where(name: str, where: str, *columns: str) -> Index:
    """Return an index of those rows for which a condition holds."""
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


def searched(name: str, *order: str, where: str | None = None) -> Index:
    """Return an index of each clinic's analyses in an order, ties by id, which holds all that is searched by."""
    columns = ("clinic_id", *order, "id", *(column for column in SEARCHED if column not in order))
    return Index(name, *columns) if where is None else only_where(name, where, *columns)


class Analysis(Base):
    """One photograph and what one classifier answered: what was said and answered never changes.

    Whom it is kept with may: the patient (None until somebody chooses), and one of the patient's lesions;
    `patient_name` and `patient_key` follow the patient. So may the verdicts: `assessment` and `diagnosis` are those in
    force, codes of `results.verdicts.labels`, None where there is none.

    `probabilities` maps class codes to [0, 1], and so does `probabilities_with_patient`, in which age, sex and body
    site are weighed in; None where nothing of them was. `suspicion` is what the history ranks by: the malignancy, and
    less than any malignancy where there is no answer. `threshold` is the malignancy from which the classifier alerted
    then, its operating point for a sensitivity of 95 %; None if it had none, or if it is not known. `heatmap` is the
    class activation map of `label`, rows of numbers in [0, 1] over the framed square; `frame_*` is that square in
    pixels of the kept photograph. `milliseconds` is how long the answer took; None where that is not known.
    `views_changed` of `views` further looks gave another class; 0 of 0 where none was taken. `similar` holds the most
    similar lesions first, each with the fields of a SimilarCase; None where they were not looked for. `retake` says
    whether a photograph that was not accepted, or only with a caution, should be taken again: DUE, TAKEN or DISMISSED,
    see `results.retakes`; None for all others.
    """

    __tablename__ = "analyses"
    __table_args__ = (
        UniqueConstraint("author_id", "submission", name="uq_analyses_owner_id"),
        searched("ix_analyses_clinic_created", "created_at"),
        searched("ix_analyses_clinic_suspicion", "suspicion"),
        searched("ix_analyses_clinic_patient", "patient_key"),
        searched("ix_analyses_clinic_label", "label", "suspicion"),
        searched("ix_analyses_clinic_diagnosis", "diagnosis", "suspicion", where="diagnosis IS NOT NULL"),
        searched("ix_analyses_clinic_nobody", "patient_id", "patient_key", where="patient_id IS NULL"),
        only_where("ix_analyses_clinic_noted", "note IS NOT NULL", "clinic_id", "created_at", "id"),
        Index("ix_analyses_patient", "patient_id", "created_at", "id"),
        Index("ix_analyses_lesion", "lesion_id", "created_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"), nullable=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    submission: Mapped[str | None] = mapped_column(String(64))  # the form, digested: twice sent, once kept

    patient_id: Mapped[int | None] = mapped_column(ForeignKey("patients.id"))
    lesion_id: Mapped[int | None] = mapped_column(ForeignKey("lesions.id"))
    patient_name: Mapped[str] = mapped_column(EncryptedText("analyses.patient_name", 120, listed=True))
    patient_key: Mapped[str] = mapped_column(String(240))  # what the name is known by: see `results.names`
    age: Mapped[int | None]
    sex: Mapped[str | None] = mapped_column(String(16))
    body_site: Mapped[str | None] = mapped_column(String(32))
    note: Mapped[str | None] = mapped_column(EncryptedText("analyses.note"))

    model_name: Mapped[str] = mapped_column(String(64))
    model_version: Mapped[str] = mapped_column(String(32))
    label: Mapped[str] = mapped_column(String(16))
    probabilities: Mapped[dict[str, float]] = mapped_column(JSON)
    probabilities_with_patient: Mapped[dict[str, float] | None] = mapped_column(JSON(none_as_null=True))
    malignancy: Mapped[float]
    accepted: Mapped[bool]
    suspicion: Mapped[float] = mapped_column(default=suspicion_of, server_default=str(UNRANKED))
    threshold: Mapped[float | None]
    reasons: Mapped[list[str]] = mapped_column(JSON)
    heatmap: Mapped[list[list[float]]] = mapped_column(JSON)
    milliseconds: Mapped[int | None]
    views: Mapped[int] = mapped_column(default=0, server_default="0")
    views_changed: Mapped[int] = mapped_column(default=0, server_default="0")
    similar: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON)

    assessment: Mapped[str | None] = mapped_column(String(16))
    diagnosis: Mapped[str | None] = mapped_column(String(16))
    retake: Mapped[str | None] = mapped_column(String(16), default=retake_of)

    photograph_sha256: Mapped[str] = mapped_column(String(64))
    width: Mapped[int]
    height: Mapped[int]
    frame_left: Mapped[int]
    frame_top: Mapped[int]
    frame_side: Mapped[int]

    author: Mapped[User] = relationship(lazy="raise")

    @property
    def alerted(self) -> bool:
        """Whether the classifier alerted: it answered, and the malignancy was at its threshold or above."""
        return self.accepted and self.threshold is not None and self.malignancy >= self.threshold

    @property
    def photograph_key(self) -> str:
        """Storage key of the photograph, PNG without metadata."""
        return keys_of(self.public_id)[0]

    @property
    def thumbnail_key(self) -> str:
        """Storage key of the thumbnail, JPEG, 160 px square."""
        return keys_of(self.public_id)[1]

    @property
    def storage_keys(self) -> tuple[str, str]:
        """Everything that storage keeps for this analysis."""
        return keys_of(self.public_id)


def keys_of(public_id: str) -> tuple[str, str]:
    """Return the storage keys of an analysis' photograph and thumbnail."""
    return f"analyses/{public_id}/photograph.png", f"analyses/{public_id}/thumbnail.jpg"


class NameMark(Base):
    """What a name is found by: `mark` is how one of its words begins, `name_key` the name, both as keyed digests.

    Rows are written with the names, and go with the last patient and the last test of the name; the database sees to
    that.
    """

    __tablename__ = "name_marks"
    __table_args__ = (Index("ix_name_marks_name", "name_key"), {"sqlite_with_rowid": False})

    mark: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    name_key: Mapped[str] = mapped_column(String(22), primary_key=True)


# what waits for the clinician: small indexes, which serve exactly the queries that have these conditions word for word
WITHOUT_VERDICT = and_(Analysis.assessment.is_(None), Analysis.diagnosis.is_(None))
ALERTED = and_(Analysis.suspicion >= Analysis.threshold, WITHOUT_VERDICT)  # where there is an answer: see UNRANKED
UNASSESSED = and_(Analysis.accepted.is_(True), WITHOUT_VERDICT)
TO_RETAKE = Analysis.retake == literal_column(f"'{DUE}'")
UNFILED = Analysis.patient_id.is_(None)


def _index(name: str, order: InstrumentedAttribute[Any], condition: ColumnElement[bool]) -> Index:
    return Index(name, Analysis.clinic_id, order, Analysis.id, sqlite_where=condition, postgresql_where=condition)


WAITING = (
    _index("ix_analyses_alerted", Analysis.suspicion, ALERTED),
    _index("ix_analyses_unassessed", Analysis.created_at, UNASSESSED),
    _index("ix_analyses_to_retake", Analysis.created_at, TO_RETAKE),
    _index("ix_analyses_unfiled", Analysis.created_at, UNFILED),
)
