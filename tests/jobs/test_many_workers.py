"""Many workers on one database and one queue: each thing is done once, and all are at work."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.batches import services
from app.batches.jobs import work
from app.batches.sending.naming import ONE
from app.batches.services import Subject
from app.batches.tables import DONE, BatchItem
from app.clock import now
from app.decoding.limits import Limits
from app.inference import Prediction
from app.jobs import Queue, clock
from app.jobs.registry import JOBS
from app.jobs.tables import PeriodicJob
from app.patients.filing.services import Destination, keep, move
from app.patients.records import PatientFacts
from app.patients.services import amend
from app.patients.tables import Patient
from app.results.names import names_with
from app.results.tables import Analysis
from app.storage import Storage
from tests.factories import make_analysis, make_patient
from tests.fakes import FakeClassifier, FakeClassifiers
from tests.pictures import lesion_picture, png
from tests.postgresql import on_both

PICTURES = [png(lesion_picture(seed, (96, 80))) for seed in range(8)]
PERIODIC = sorted(name for name, job in JOBS.items() if job.minutes is not None and name.startswith("app."))
A_MOMENT = 0.3


@pytest.fixture
def inside(app: Flask) -> Iterator[Flask]:
    with app.app_context():
        yield app


class Slow(FakeClassifier):
    """Takes so long that another worker has time to begin."""

    def predict(self, photograph: Image.Image, *others: Any) -> Prediction:
        time.sleep(0.05)
        return super().predict(photograph, *others)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakeClassifiers, "__getitem__", lambda *_args: Slow())


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What was sent of batches, for the workers of a test to take."""
    waiting: list[tuple[Any, ...]] = []

    def send(_queue: Queue, name: str, args: tuple[Any, ...], _kwargs: dict[str, Any]) -> None:
        if name == work.name:
            waiting.append(args)

    monkeypatch.setattr(Queue, "send", send)
    return waiting


def work_off(app: Flask, waiting: list[tuple[Any, ...]], workers: int) -> None:
    """Let so many workers take what waits, until nothing has come for a moment."""

    def be_a_worker(_number: int) -> None:
        idle_since = time.monotonic()
        while time.monotonic() - idle_since < 2 * A_MOMENT:
            with suppress(IndexError), app.app_context():
                work(*waiting.pop(0))
                idle_since = time.monotonic()
            time.sleep(0.01)

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(be_a_worker, range(workers)))


@on_both
@pytest.mark.usefixtures("slow")
def test_two_workers_share_a_batch_and_make_one_patient_of_one_new_name(
    app: Flask, session: Session, storage: Storage, owner: User, waiting: list[tuple[Any, ...]]
) -> None:
    with app.app_context():
        start_batch(session, storage, owner)

    work_off(app, waiting, workers=2)

    assert set(session.scalars(select(BatchItem.state))) == {DONE}
    assert len(session.scalars(select(Analysis.id)).all()) == len(PICTURES)
    assert len(session.scalars(select(Patient.id)).all()) == 1
    assert set(session.scalars(select(Analysis.patient_id))) == set(session.scalars(select(Patient.id)))


def start_batch(session: Session, storage: Storage, owner: User) -> None:
    subject = Subject(ONE, patient_name="Ingrid")
    batch = services.create(session, author=owner, label=None, model="mobilenetv2-ham7", subject=subject)
    items = [
        services.item_of(storage, batch, path=f"{n}.png", content=content, limits=Limits())
        for n, content in enumerate(PICTURES)
    ]
    services.keep(session, storage, batch, items, most=10)
    services.start(session, batch)
    session.commit()


@on_both
def test_a_periodic_job_is_sent_once_in_its_period_however_many_workers_look(inside: Flask) -> None:
    sent: list[str] = []

    def look(_number: int) -> None:
        with inside.app_context():
            clock.send_due(sent.append)

    with ThreadPoolExecutor(4) as workers:
        list(workers.map(look, range(4)))

    assert sorted(name for name in sent if name.startswith("app.")) == PERIODIC


def test_a_period_that_began_while_no_worker_ran_is_made_up_for(inside: Flask, session: Session) -> None:
    clock.send_due(lambda _name: None)
    session.execute(text("UPDATE periodic_jobs SET period = period - 3 WHERE name = 'app.audit.jobs.verify_daily'"))
    session.commit()
    sent: list[str] = []

    clock.send_due(sent.append)

    assert "app.audit.jobs.verify_daily" in sent


def test_a_clock_that_was_set_back_holds_up_no_job(
    inside: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: now() + timedelta(days=400))
    clock.send_due(lambda _name: None)
    monkeypatch.undo()
    sent: list[str] = []

    clock.send_due(sent.append)

    assert set(PERIODIC) <= set(sent)


def test_what_the_queue_does_not_take_stays_due(inside: Flask, session: Session) -> None:
    def away(_name: str) -> None:
        raise ConnectionRefusedError

    with pytest.raises(ConnectionRefusedError):
        clock.send_due(away)

    assert session.scalars(select(PeriodicJob.name)).all() == []


def test_a_database_that_is_away_does_not_end_the_worker(inside: Flask, session: Session) -> None:
    session.execute(text("DROP TABLE periodic_jobs"))
    session.commit()

    clock.send_due(lambda _name: None)  # and it is logged


@on_both
def test_two_tests_of_one_new_name_that_come_at_once_make_one_patient(session: Session, owner: User) -> None:
    one, two = (make_analysis(session, owner, patient_name="Ingrid", patient_id=None).id for _ in range(2))

    def file(own: Session, number: int) -> None:
        own.execute(update(Analysis).where(Analysis.id == number).values(note=None))  # a test is written first
        keep(own, own.get_one(Analysis, number), author=own.get_one(User, owner.id))

    def file_the_other() -> None:
        with Session(session.get_bind()) as own:
            file(own, two)
            own.commit()

    other = threading.Thread(target=file_the_other)
    file(session, one)
    other.start()
    other.join(A_MOMENT)
    session.commit()
    other.join()

    session.expire_all()
    (patient,) = session.scalars(select(Patient.id))
    assert set(session.scalars(select(Analysis.patient_id))) == {patient}


@on_both
def test_a_test_that_is_moved_while_its_patient_is_renamed_has_the_new_name_and_is_found(
    session: Session, owner: User
) -> None:
    patient = make_patient(session, owner, name="Ada")
    test = make_analysis(session, owner, patient_name="Nobody yet").id

    def rename() -> None:
        with Session(session.get_bind()) as own:
            amend(own, own.get_one(Patient, patient.id), facts=PatientFacts(name="Bea"))
            own.commit()

    other = threading.Thread(target=rename)
    session.refresh(patient)
    move(session, session.get_one(Analysis, test), destination=Destination(patient))
    other.start()
    other.join(A_MOMENT)
    session.commit()
    other.join()

    session.expire_all()
    moved = session.get_one(Analysis, test)
    assert (moved.patient_name, patient.name) == ("Bea", "Bea")
    assert names_with(session, owner, "be") == [moved.patient_key]
    assert names_with(session, owner, "ad") == []
