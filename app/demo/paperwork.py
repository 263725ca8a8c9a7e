"""What becomes of some photographs of the demonstration: a batch of one patient, and reports. The caller commits."""

from __future__ import annotations

import time
from collections.abc import Sequence

from flask import current_app
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.batches import services as batches
from app.batches.jobs import work
from app.batches.sending.naming import ONE
from app.batches.services import Subject
from app.batches.tables import RUNNING, WAITING, Batch, BatchItem
from app.demo.clinic import KINDS
from app.demo.drawing import LOOKS, draw
from app.demo.services import Clinic, jpeg
from app.demo.tables import DemoRecord
from app.patients.tables import Patient
from app.reports import services as reports
from app.reports.clinical import clinical_report
from app.reports.documents import patients_page, verdicts_in_force
from app.reports.records import Document
from app.reports.summary.steps import Chosen
from app.reports.tables import CLINICAL, SUMMARY, Report
from app.results.presentation import card_of
from app.results.tables import Analysis

LABEL = "Whole-body look (demo)"
SPOTS = 8  # photographs of the batch
BLURRED = 5  # which of them is out of focus
NOT_A_PHOTOGRAPH = ("letter.jpg", b"%PDF-1.4 a letter that was dropped in with the photographs")
AMENDED = "Typed by mistake: the follow-up was missing."
TREATED, TALK = "treatment", "talk"  # what the patient is told comes next
POLL_SECONDS = 0.2


def send_batch(session: Session, clinic: Clinic, patient: Patient, skin: int, seed: int) -> Batch:
    """Send photographs of one patient as a batch, with a file that is none, and start it."""
    subject = Subject(ONE, patient=patient)
    batch = batches.create(session, author=clinic.author, label=LABEL, model=clinic.model, subject=subject)
    session.add(DemoRecord(kind=Batch.__tablename__, key=batch.public_id))
    items = [
        batches.item_of(clinic.storage, batch, path=name, content=content, limits=clinic.limits)
        for name, content in (*_spots(skin, seed), NOT_A_PHOTOGRAPH)
    ]
    batches.keep(session, clinic.storage, batch, items, most=len(items))
    batches.start(session, batch)
    return batch


def work_off(session: Session, batch_id: int) -> None:
    """Work on a batch that was committed until it is done, side by side with any worker that runs."""
    of_batch = BatchItem.batch_id == batch_id
    while session.scalar(select(exists().where(of_batch, BatchItem.state == WAITING))):
        work(batch_id, session.scalars(select(Batch.turn).where(Batch.id == batch_id)).one())
    while session.scalar(select(exists().where(of_batch, BatchItem.state == RUNNING))):  # by another worker
        session.rollback()
        time.sleep(POLL_SECONDS)


def report_on(session: Session, clinic: Clinic, tests: Sequence[Analysis]) -> None:
    """Issue reports of the newest tests with a diagnosis: one signed and amended, one with the patient's page."""
    known = sorted((test for test in tests if test.diagnosis), key=lambda test: test.created_at, reverse=True)
    for test, amended in zip(known, (True, False), strict=False):
        _signed(session, clinic, test, CLINICAL)
        if amended:
            _issued(session, clinic, test, CLINICAL, reason=AMENDED)
        else:
            _signed(session, clinic, test, SUMMARY)


def _spots(skin: int, seed: int) -> Sequence[tuple[str, bytes]]:
    looks = [look for look, *_ in KINDS]
    return [
        (
            f"spot-{number + 1:02}.jpg",
            jpeg(draw(LOOKS[looks[number % len(looks)]], skin, seed + number, blurred=7.0 if number == BLURRED else 0)),
        )
        for number in range(SPOTS)
    ]


def _signed(session: Session, clinic: Clinic, test: Analysis, kind: str) -> None:
    report, document = _issued(session, clinic, test, kind)
    reports.sign(
        session,
        clinic.storage,
        analysis=test,
        report=report,
        signer=clinic.author,
        document=document,
        verified_at=_address,
    )


def _issued(
    session: Session, clinic: Clinic, test: Analysis, kind: str, reason: str | None = None
) -> tuple[Report, Document]:
    document = _document(session, clinic, test, kind)
    report = reports.issue(
        session,
        clinic.storage,
        analysis=test,
        author=clinic.author,
        kind=kind,
        document=document,
        card=card_of(test),
        verified_at=_address,
        reason=reason,
    )
    return report, document


def _address(code: str) -> str:
    """Return where a report is verified: in a shell there is no request whose address could be taken."""
    settings = current_app.config["SETTINGS"]
    base = settings.public_address or f"http://localhost:{settings.port}"
    return base.rstrip("/") + current_app.url_map.bind("").build("verification.show", {"code": code})


def _document(session: Session, clinic: Clinic, test: Analysis, kind: str) -> Document:
    settings = current_app.config["SETTINGS"]
    if kind == CLINICAL:
        return clinical_report(session, clinic.storage, user=clinic.author, analysis=test, settings=settings)
    step = TREATED if verdicts_in_force(session, test).malignant else TALK
    return patients_page(session, test, Chosen(step), settings)
