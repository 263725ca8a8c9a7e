"""What is encrypted in the database, what stays readable there, and how both are held."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from flask import Flask
from sqlalchemy import JSON, String, Text, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.batches.tables import Batch, BatchItem
from app.encrypted import Unreadable, required
from app.encrypted.ciphers import ciphers_of
from app.encrypted.rewriting import encrypting, rewrite
from app.encrypted.rotation import rotate
from app.encrypted.types import UNREADABLE, declared_types
from app.extensions import Base
from app.factory import create_app
from app.keys import FIELDS, TamperedError, UnknownKeyError
from app.keys.sources import new_master_key
from app.keys.tables import DataKey
from app.patients.tables import Patient
from app.reports.tables import Report
from app.results.tables import Analysis
from config import Settings
from tests.factories import belonging_to, make_analysis, make_patient, make_user
from tests.fakes import FakeClassifiers
from tests.postgresql import on_both

ENCRYPTED = {
    "analyses.patient_name", "analyses.note", "batch_items.name", "batch_items.patient_name", "batch_items.reason",
    "batches.label", "batches.patient_name", "batches.rows", "batches.unmatched", "deliveries.reason",
    "deliveries.reference", "follow_ups.reason", "lesions.note", "patients.name", "patients.notes", "reports.content",
    "reports.reason", "retention_holds.reason", "saved_filters.query", "verdicts.note",
}  # fmt: skip
STAFF = "of somebody who works here, to sign in or to sign for something"
RANDOM = "random, or a digest, of what others may guess with a key: tells nothing"
CODE = "one of a few codes: the database counts, sorts and finds by it, and without a name it is nobody's"
ANSWER = "what the classifier made of a photograph: numbers and codes without a name"
WHO_DID_WHAT = "who did what: ids, codes and counts, for the log must be read by whoever verifies it"
READABLE = {
    **dict.fromkeys(
        (
            "audit_events.action", "audit_events.address", "audit_events.agent", "audit_events.channel",
            "audit_events.details", "audit_events.hash", "audit_events.operation", "audit_events.outcome",
            "audit_events.patient_id", "audit_events.request_id", "audit_events.role", "audit_events.subject_id",
            "audit_events.subject_kind", "audit_heads.hash", "audit_heads.seal", "audit_heads.start_hash",
        ),
        WHO_DID_WHAT,
    ),
    "access_tokens.digest": RANDOM, "access_tokens.name": STAFF, "access_tokens.public_id": RANDOM,
    "access_tokens.scope": CODE, "access_tokens.shown": STAFF, "analyses.assessment": CODE, "analyses.body_site": CODE,
    "analyses.diagnosis": CODE, "analyses.heatmap": ANSWER, "analyses.label": CODE, "analyses.model_name": CODE,
    "analyses.model_version": CODE,
    "analyses.patient_key": RANDOM,
    "analyses.photograph_sha256": RANDOM, "analyses.probabilities": ANSWER,
    "analyses.probabilities_with_patient": ANSWER, "analyses.public_id": RANDOM, "analyses.reasons": CODE,
    "analyses.retake": CODE, "analyses.sex": CODE, "analyses.similar": ANSWER, "analyses.submission": RANDOM,
    "batch_items.body_site": CODE, "batch_items.key": RANDOM, "batch_items.public_id": RANDOM,
    "batch_items.sex": CODE, "batch_items.state": CODE, "batches.model_name": CODE, "batches.naming": CODE,
    "batches.public_id": RANDOM,
    "backups_made.public_id": RANDOM, "data_keys.purpose": CODE, "data_keys.wrapped": "encrypted with the master key",
    "deliveries.destination": CODE, "deliveries.public_id": RANDOM, "deliveries.state": CODE,
    "demo_records.key": "of invented people", "demo_records.kind": CODE, "erased_reports.code": RANDOM,
    "erased_reports.pdf_sha256": RANDOM, "erased_reports.signed_pdf_sha256": RANDOM,
    "failed_sign_ins.account": RANDOM, "failed_sign_ins.address": RANDOM, "follow_ups.public_id": RANDOM,
    "idempotency_keys.fingerprint": RANDOM, "idempotency_keys.key": RANDOM,
    "idempotency_keys.location": "an address with a random id",
    "outlines.colours": ANSWER, "outlines.polygon": ANSWER, "outlines.refused": CODE,
    "consents.author_name": STAFF, "consents.form_version": "which version of the clinic's form was signed",
    "consents.how": CODE, "consents.purpose": CODE, "erasures.kind": CODE, "erasures.public_id": RANDOM,
    "former_records.public_id": RANDOM, "invitations.digest": RANDOM, "invitations.email": STAFF,
    "invitations.public_id": RANDOM, "invitations.role": CODE, "photograph_checks.version": CODE,
    "retention_holds.author_name": STAFF, "outline_attempts.version": CODE,
    "outlines.version": CODE, "links.digest": RANDOM, "links.email": STAFF, "links.name": STAFF,
    "links.password_hash": RANDOM, "links.purpose": CODE, "outgoing_mail.address": STAFF, "outgoing_mail.kind": CODE,
    "lesions.label": "a place on the skin, as its form asks; found by any part of it, within a walk of the history",
    "lesions.public_id": RANDOM, "lesions.side": CODE, "lesions.site": CODE,
    "name_marks.name_key": RANDOM, "periodic_jobs.name": CODE, "patients.name_key": RANDOM,
    "passkeys.name": STAFF, "passkeys.public_id": RANDOM, "patients.public_id": RANDOM, "patients.sex": CODE,
    "pending_sign_ins.digest": RANDOM, "pending_sign_ins.fingerprint": RANDOM, "recovery_codes.digest": RANDOM,
    "spent_challenges.digest": RANDOM, "report_signatures.pdf_sha256": RANDOM,
    "report_signatures.signed_by": STAFF, "report_signatures.statement": "the same under every report",
    "reports.classifier": CODE, "reports.code": RANDOM, "reports.issued_by": STAFF, "reports.kind": CODE,
    "reports.network_sha256": RANDOM, "reports.pdf_sha256": RANDOM, "reports.photograph_sha256": RANDOM,
    "reports.preprocessing": CODE, "reports.text_sha256": RANDOM, "saved_filters.name": STAFF,
    "saved_filters.public_id": RANDOM, "scales.author_name": STAFF, "users.email": STAFF, "users.name": STAFF,
    "users.password_hash": RANDOM, "users.public_id": RANDOM, "users.role": CODE, "clinics.public_id": RANDOM,
    "compatibility.oldest": CODE,
    "clinics.name": "the name of a place of work", "verdicts.author_name": STAFF,
    "verdicts.basis": CODE, "verdicts.kind": CODE, "verdicts.label": CODE,
    "sign_ins.address": STAFF, "sign_ins.browser": STAFF, "sign_ins.digest": RANDOM, "sign_ins.how": CODE,
    "sign_ins.public_id": RANDOM, "weekly_durations.model_name": CODE, "weekly_durations.model_version": CODE,
    "weekly_answers.model_name": CODE, "weekly_answers.model_version": CODE, "weekly_answers.outcome": CODE,
    "weekly_verdicts.assessment": CODE, "weekly_verdicts.diagnosis": CODE, "weekly_verdicts.model_name": CODE,
    "weekly_verdicts.model_version": CODE, "weekly_verdicts.outcome": CODE,
}  # fmt: skip
MARKER = "Wilhelmina Zaubernuss"


def texts() -> set[str]:
    """Return every column that can hold words."""
    columns = [column for table in Base.metadata.sorted_tables for column in table.columns]
    return {
        f"{column.table.name}.{column.name}" for column in columns if isinstance(column.type, String | Text | JSON)
    } | set(declared_types(Base.metadata))


def test_each_column_that_can_hold_words_is_encrypted_or_stays_readable_for_a_reason() -> None:
    assert set(declared_types(Base.metadata)) == ENCRYPTED
    assert texts() ^ (ENCRYPTED | set(READABLE)) == set()


def test_a_value_is_bound_to_the_column_that_it_stands_in() -> None:
    assert all(place == encrypted.place for place, encrypted in declared_types(Base.metadata).items())


def test_nothing_readable_is_written_and_what_was_written_comes_back(session: Session, owner: User) -> None:
    patient = make_patient(session, owner, name=MARKER, notes="Bled.\nStøpt 🙂")
    batch = Batch(**belonging_to(owner), model_name="m", naming="one", rows=[[1, MARKER, None]], unmatched=[])
    session.add(batch)
    session.commit()

    row = session.execute(text("SELECT name, notes FROM patients")).one()
    kept = session.execute(text("SELECT rows, unmatched FROM batches")).one()
    assert all(value.startswith("e1.1.") and MARKER not in value for value in (*row, *kept))
    assert (patient.name, patient.notes) == (MARKER, "Bled.\nStøpt 🙂")
    assert (batch.rows, batch.unmatched, batch.label) == ([[1, MARKER, None]], [], None)


def test_the_same_name_is_never_written_twice_and_its_length_is_not_told(session: Session, owner: User) -> None:
    for name in ("Al", "Al", "Bartholomew Featherstone"):
        make_patient(session, owner, name=name)

    values = session.scalars(text("SELECT name FROM patients")).all()

    assert len(set(values)) == 3
    assert len({len(value) for value in values}) == 1


@pytest.mark.parametrize(
    "asked",
    [
        lambda: Patient.name == MARKER,
        lambda: Patient.name.in_([MARKER]),
        lambda: Patient.name.icontains("wil"),
        Patient.name.desc,
        lambda: Patient.notes != "x",
        lambda: BatchItem.name < "x",
        lambda: "x" + Patient.name,
    ],
)
def test_what_is_encrypted_is_not_compared_in_sql(asked) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(TypeError, match="is encrypted"):
        asked()


def test_a_damaged_name_takes_no_list_down_and_is_neither_printed_nor_written_back(
    session: Session, owner: User
) -> None:
    damaged, whole = (make_patient(session, owner, name=name) for name in ("A", "B"))
    session.execute(text("UPDATE patients SET name = 'e1.1.AAAA' WHERE id = :id"), {"id": damaged.id})
    session.commit()

    names = session.scalars(select(Patient.name).order_by(Patient.id)).all()

    assert names == [UNREADABLE, "B"]
    assert isinstance(names[0], Unreadable)
    with pytest.raises(TamperedError):
        required(names[0])
    whole.name = names[0]
    with pytest.raises(Exception, match="can't be written"):
        session.flush()
    session.rollback()


@pytest.mark.parametrize("moved", ["'Ada'", "name", "replace(notes, 'e1.1.', 'e1.7.')", "replace(notes, 'e1', 'e2')"])
def test_a_note_that_was_tampered_with_is_not_shown(session: Session, owner: User, moved: str) -> None:
    patient = make_patient(session, owner, notes="Bled.")
    session.execute(text(f"UPDATE patients SET notes = {moved}"))  # noqa: S608 - ours
    session.commit()

    with pytest.raises(TamperedError):
        _ = patient.notes


def test_without_the_master_key_nothing_is_read_or_written(app: Flask, settings: Settings, session: Session) -> None:
    make_patient(session, make_user(session), name=MARKER)
    stranger = create_app(settings.model_copy(update={"master_key": new_master_key()}), FakeClassifiers())

    with stranger.app_context():
        from app.extensions import db

        with pytest.raises(UnknownKeyError):
            db.session.scalars(select(Patient.name)).all()
        with pytest.raises(UnknownKeyError):
            db.session.execute(update(Patient).values(name="Ada"))
        db.session.remove()
        db.engine.dispose()


def test_what_was_written_in_the_clear_is_encrypted_once_and_only_once(session: Session, owner: User) -> None:
    analysis = make_analysis(session, owner, note="e1.1.looks like it")
    session.execute(text("UPDATE analyses SET patient_name = 'Ada', note = 'e1.1.looks like it'"))
    session.commit()
    engine, columns = session.get_bind().engine, {"analyses": ("patient_name", "note"), "none": ("name",)}

    first = rewrite(engine, columns, encrypting(ciphers_of(engine.dialect)))
    again = rewrite(engine, columns, encrypting(ciphers_of(engine.dialect)))

    session.expire_all()
    assert (first, again) == (2, 0)
    assert (analysis.patient_name, analysis.note) == ("Ada", "e1.1.looks like it")
    assert session.scalar(select(Analysis.id).where(Analysis.note.is_(None))) is None


@on_both
def test_a_new_field_key_is_taken_up_while_others_read_and_write(session: Session, owner: User) -> None:
    analysis = make_analysis(session, owner, patient_name=MARKER)
    shas = dict.fromkeys(("text_sha256", "photograph_sha256", "pdf_sha256"), "")
    report = {"kind": "clinical", "version": 1, "issued_by": "Ada", "content": MARKER, "classifier": "m"}
    session.add(Report(code="C", analysis_id=analysis.id, **report, **shas))
    session.commit()
    patients = [make_patient(session, owner, name=f"{MARKER} {number}") for number in range(8)]
    ids = [patient.id for patient in patients]
    done, trouble = Event(), []

    def work(number: int) -> None:
        with Session(session.get_bind()) as other:
            while not done.is_set():
                patient = other.get_one(Patient, ids[number])
                patient.notes = f"{patient.name}, seen again"
                try:
                    other.commit()
                except Exception as error:  # noqa: BLE001 - whatever it is, the test tells
                    trouble.append(error)

    with ThreadPoolExecutor(2) as pool:
        for number in (0, 1):
            pool.submit(work, number)
        try:
            count = rotate(session.get_bind().engine, Base.metadata, pause=lambda _: None)
        finally:
            done.set()

    session.expire_all()
    written = session.scalars(text("SELECT name FROM patients UNION ALL SELECT content FROM reports")).all()
    assert trouble == []
    assert count >= 10
    assert {value.split(".")[1] for value in written} == {"2"}
    assert session.scalars(select(DataKey.number).where(DataKey.purpose == FIELDS)).all() == [2]
    assert [patient.name for patient in patients] == [f"{MARKER} {number}" for number in range(8)]
    assert patients[0].notes == f"{MARKER} 0, seen again"
    with pytest.raises(DBAPIError, match="never changes"):
        session.execute(text("UPDATE reports SET content = content"))


def test_a_new_field_key_goes_on_where_it_was_stopped_and_keeps_the_key_of_what_is_damaged(
    session: Session, owner: User
) -> None:
    patients = [make_patient(session, owner, name=name) for name in (MARKER, "B")]
    session.execute(text("UPDATE patients SET name = 'e1.1.AAAA' WHERE name <> :first"), {"first": "x"})
    patients[0].name = MARKER
    session.commit()
    engine = session.get_bind().engine

    def stop(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotate(engine, Base.metadata, pause=stop)
    rotate(engine, Base.metadata, pause=lambda _: None)

    session.expire_all()
    assert sorted(session.scalars(select(DataKey.number).where(DataKey.purpose == FIELDS))) == [1, 2]
    assert {patient.name for patient in patients} == {MARKER, UNREADABLE}
