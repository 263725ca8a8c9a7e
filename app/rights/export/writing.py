"""Write everything that is kept of one patient, piece by piece, as a person may see it now."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.batches.erasure import waiting_of
from app.batches.tables import BatchItem, original_key
from app.clock import now
from app.errors import AppError, NotFoundError, StorageUnavailableError
from app.inference import heatmap_png
from app.patients.consents.selectors import consents_of
from app.patients.follow_ups.tables import FollowUp
from app.patients.selectors import lesions_of_patient, patient_of
from app.patients.tables import Lesion, Patient
from app.reports.files import issued_file
from app.reports.selectors import reports_of_analysis
from app.results.files import stored
from app.results.tables import Analysis
from app.results.verdicts.blind import concealed
from app.rights.archive import Archive
from app.rights.export.accesses import accesses_of
from app.rights.export.readme import ERASED, README
from app.rights.export.schemas import (
    ExportedConsent,
    ExportedFollowUp,
    ExportedLesion,
    ExportedPatient,
    ExportedWaiting,
)
from app.rights.export.tests_of import exported, folder_of, is_older, moved_here, pages_of, report_file
from app.spreadsheet import csv_file
from app.storage import Storage

FACTS = ("public_id", "name", "birth_year", "sex", "skin_type", "notes", "archived_at", "created_at")
RECORD, SCHEMA = "patient.json", "patient.schema.json"


def everything_of(session: Session, storage: Storage, *, user: User, public_id: str) -> Iterator[bytes]:
    """Return a zip file with all that is kept of a patient, piece by piece; NotFoundError if there is no such patient.

    Who is erased meanwhile is left out from there on, and the archive says so.
    """
    patient = patient_of(session, user, public_id)
    return _Export(session, storage, user, patient).written()


class _Export:
    """One archive in the making."""

    def __init__(self, session: Session, storage: Storage, user: User, patient: Patient) -> None:
        self._session, self._storage, self._user = session, storage, user
        self._id, self._public_id = patient.id, patient.public_id
        self._missing: list[str] = []

    def written(self) -> Iterator[bytes]:
        """Yield the archive."""
        archive = Archive(now())
        yield from archive.add("README.txt", README.encode())
        yield from archive.add(SCHEMA, _json(ExportedPatient.model_json_schema()))
        try:
            yield from archive.add(RECORD, self._record())
            accesses = accesses_of(self._session, self._user, self._public_id)
            yield from archive.add("accesses.csv", csv_file(accesses))
            for name, content in self._files():
                yield from archive.add(name, content)
        except NotFoundError:  # of the patient alone: what is missing of the files is written down
            yield from archive.add("ERASED.txt", ERASED.encode())
        if self._missing:
            yield from archive.add("MISSING.txt", "\n".join([*self._missing, ""]).encode())
        yield from archive.closed()

    def _patient(self) -> Patient:
        """Return the patient, who is still there: this may take minutes; NotFoundError."""
        return patient_of(self._session, self._user, self._public_id)

    def _record(self) -> Iterator[bytes]:
        """Yield patient.json, test by test."""
        patient = self._patient()
        whole = ExportedPatient(
            made_at=now(),
            **{name: getattr(patient, name) for name in FACTS},
            consents=[ExportedConsent.model_validate(one) for one in reversed(consents_of(self._session, patient))],
            lesions=_lesions(self._session, self._user, patient),
            waiting=[_waiting(item) for item in waiting_of(self._session, patient)],
            tests=[],
        )
        yield json.dumps(whole.model_dump(mode="json"), ensure_ascii=False).removesuffix("]}").encode()
        between = b"\n"
        for page in pages_of(self._session, self._user, self._id):
            for test in exported(self._session, self._user, page):
                yield between + json.dumps(test.model_dump(mode="json"), ensure_ascii=False).encode()
                between = b",\n"
            self._forget(page)
        yield b"\n]}\n"

    def _files(self) -> Iterator[tuple[str, bytes]]:
        """Yield the files with their names; NotFoundError once the patient is gone."""
        for page in pages_of(self._session, self._user, self._id):
            for analysis in page:
                self._patient()
                yield from self._files_of(analysis)
            self._forget(page)
        for item in waiting_of(self._session, self._patient()):
            try:
                yield _waiting_file(item), self._storage.get(original_key(item.public_id))
            except FileNotFoundError:
                self._missing.append(f"{_waiting_file(item)}: worked on, or erased, while this archive was made.")

    def _files_of(self, analysis: Analysis) -> Iterator[tuple[str, bytes]]:
        folder = folder_of(analysis)
        try:
            yield f"{folder}/photograph.png", stored(self._storage, analysis.photograph_key)
        except StorageUnavailableError:  # broken off: an archive that lacks all would pass for a whole one
            raise
        except AppError as error:
            self._missing.append(f"{folder}/photograph.png: {error.message}")
        if concealed(self._user, analysis):
            return
        yield f"{folder}/heatmap.png", heatmap_png(analysis.heatmap)
        moved = moved_here(self._session, [analysis])
        for issued in reports_of_analysis(self._session, self._user, analysis):
            if is_older(issued.report, moved):
                continue
            name = report_file(analysis, issued.report.code)
            try:
                yield name, issued_file(self._storage, analysis, issued)
            except StorageUnavailableError:
                raise
            except AppError as error:
                self._missing.append(f"{name}: {error.message}")

    def _forget(self, page: Sequence[Analysis]) -> None:
        """Hold no more than a page of tests in memory."""
        for analysis in page:
            self._session.expunge(analysis)


def _lesions(session: Session, user: User, patient: Patient) -> list[ExportedLesion]:
    lesions = lesions_of_patient(session, user, patient)
    planned = select(FollowUp).where(FollowUp.lesion_id.in_([lesion.id for lesion in lesions])).order_by(FollowUp.id)
    by_lesion: dict[int, list[ExportedFollowUp]] = {lesion.id: [] for lesion in lesions}
    for row in session.scalars(planned):
        by_lesion[row.lesion_id].append(ExportedFollowUp.model_validate(row))
    return [_lesion(lesion, by_lesion[lesion.id]) for lesion in lesions]


def _lesion(lesion: Lesion, follow_ups: Sequence[ExportedFollowUp]) -> ExportedLesion:
    plain = {name: getattr(lesion, name) for name in ExportedLesion.model_fields if name != "follow_ups"}
    return ExportedLesion(**plain, follow_ups=list(follow_ups))


def _waiting(item: BatchItem) -> ExportedWaiting:
    plain = {name: getattr(item, name) for name in ExportedWaiting.model_fields if name != "file"}
    return ExportedWaiting(**plain, file=_waiting_file(item))


def _waiting_file(item: BatchItem) -> str:
    return f"waiting/{item.public_id}"


def _json(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False, indent=1).encode()
