"""The image archive as a destination of deliveries."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.auth.tables import User
from app.interop.deliveries.destinations import PACS, DeliveryError
from app.interop.dicom.archive import Archive
from app.interop.dicom.export import objects
from app.interop.dicom.gathering import gathered
from app.interop.dicom.identifiers import study_uid
from app.results.tables import Analysis
from app.storage import Storage
from config import Settings

WHOSE = "An archive files by patient: please choose first whose test this is."


@dataclass(frozen=True, slots=True)
class ImageArchive:
    """An archive that is configured."""

    archive: Archive
    settings: Settings
    name: str = PACS

    @property
    def where(self) -> str:
        """Its application entity title, by which clinics know their archives."""
        return self.archive.called

    def send(self, session: Session, storage: Storage, analysis: Analysis, user: User) -> str:
        """Have all objects of an analysis kept, and return the study that they are in; DeliveryError.

        What is there already is not doubled: the same objects have the same identifiers.
        """
        from app.interop.dicom.association import store  # noqa: PLC0415 - pynetdicom is not needed at the web's start

        if analysis.patient_id is None:
            raise DeliveryError(WHOSE, permanent=True)
        case = gathered(session, storage, user=user, analysis=analysis, settings=self.settings)
        store(self.archive, objects(case).values())
        return study_uid(case)
