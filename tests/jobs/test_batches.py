"""The worker's part of the batches: killed, sent twice, late, and in turns with others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.batches import jobs, services, working
from app.batches.jobs import recover, tidy, work
from app.batches.sending.naming import ONE
from app.batches.services import Subject
from app.batches.tables import CANCELLED, DONE, FAILED, RUNNING, WAITING, Batch, BatchItem, original_key
from app.clock import now
from app.decoding.limits import Limits
from app.errors import NotFoundError, RefusedUploadError, StorageFullError, StorageUnavailableError
from app.extensions import db
from app.jobs import Queue
from app.results.tables import Analysis
from app.storage import Storage, current_storage
from tests.factories import make_user
from tests.fakes import BrokenClassifiers
from tests.object_store import in_both
from tests.pictures import lesion_picture, png

PICTURES = [png(lesion_picture(seed, (96, 80))) for seed in range(4)]


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """Which of our jobs were put into the queue, which nobody empties."""
    jobs_sent: list[tuple[Any, ...]] = []

    def send(_queue: Queue, name: str, args: tuple[Any, ...], _kwargs: dict[str, Any]) -> None:
        if name.startswith(jobs.__name__):
            jobs_sent.append((name, *args))

    monkeypatch.setattr(Queue, "send", send)
    return jobs_sent


@pytest.fixture
def inside(app: Flask) -> Iterator[Flask]:
    with app.app_context():
        yield app


@pytest.fixture
def batch(inside: Flask, session: Session, storage: Storage) -> Batch:
    """A batch of two photographs that has been started."""
    return make_batch(session, storage, make_user(session), PICTURES[:2])


def make_batch(session: Session, storage: Storage, owner: User, pictures: list[bytes]) -> Batch:
    subject = Subject(ONE, patient_name="Ingrid")
    batch = services.create(session, author=owner, label=None, model="mobilenetv2-ham7", subject=subject)
    items = [
        services.item_of(storage, batch, path=f"{n}.png", content=content, limits=Limits())
        for n, content in enumerate(pictures)
    ]
    services.keep(session, storage, batch, items, most=10)
    services.start(session, batch)
    session.commit()
    return batch


def order_for(session: Session, batch: Batch) -> working.Order:
    """Return what a job is told of a batch, in a session of its own, as jobs have one."""
    order = working.order_of(db.session(), batch.id, batch.turn)
    assert order is not None
    return order


def states(session: Session) -> list[str]:
    session.expire_all()
    return list(session.scalars(select(BatchItem.state).order_by(BatchItem.id)))


def made_tests(session: Session) -> int:
    return len(session.scalars(select(Analysis.id)).all())


def test_a_job_works_on_its_batch_and_leaves_the_queue_when_all_is_done(
    batch: Batch, session: Session, sent: list[tuple[Any, ...]]
) -> None:
    (first,) = sent

    work(*first[1:])

    assert states(session) == [DONE, DONE]
    assert len(sent) == 1
    assert batch.due is None


def test_a_slice_ends_and_the_job_comes_again_behind_the_others(
    batch: Batch, session: Session, sent: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "SLICE_SECONDS", 0.0)

    work(*sent[0][1:])
    after_one = states(session)
    work(*sent[1][1:])

    assert after_one == [DONE, WAITING]
    assert states(session) == [DONE, DONE]
    assert [name for name, *_ in sent] == ["app.batches.jobs.work"] * 2


def test_a_job_of_an_earlier_turn_does_nothing(batch: Batch, session: Session, sent: list[tuple[Any, ...]]) -> None:
    jobs.send(session, batch)
    session.commit()

    work(*sent[0][1:])

    assert states(session) == [WAITING, WAITING]
    work(*sent[1][1:])
    assert states(session) == [DONE, DONE]


def test_what_a_killed_worker_held_is_done_once_its_lease_has_run_out(
    batch: Batch, session: Session, sent: list[tuple[Any, ...]]
) -> None:
    working.claim(session, order_for(session, batch))  # and then it was killed
    session.commit()

    recover()
    too_early = states(session)
    past = now() - timedelta(seconds=1)
    session.execute(update(BatchItem).where(BatchItem.state == RUNNING).values(leased_until=past))
    session.commit()
    recover()
    work(*sent[-1][1:])

    assert too_early == [RUNNING, WAITING]
    assert states(session) == [DONE, DONE]
    assert made_tests(session) == 2


def test_a_worker_killed_after_the_test_was_made_makes_no_second_one(
    batch: Batch, session: Session, storage: Storage, sent: list[tuple[Any, ...]]
) -> None:
    first = session.scalars(select(BatchItem.public_id).order_by(BatchItem.id)).first()
    work(*sent[0][1:])
    before = {"state": WAITING, "analysis_id": None, "kept": True}
    session.execute(update(BatchItem).where(BatchItem.public_id == first).values(**before))
    storage.put(original_key(first), PICTURES[0])
    jobs.send(session, batch)
    session.commit()

    work(*sent[-1][1:])

    assert states(session) == [DONE, DONE]
    assert made_tests(session) == 2


def test_a_file_that_kills_the_worker_is_given_up_and_its_neighbour_is_not(
    batch: Batch, session: Session, sent: list[tuple[Any, ...]]
) -> None:
    for _ in range(3):
        working.claim(session, order_for(session, batch))
        session.execute(update(BatchItem).where(BatchItem.state == RUNNING).values(state=WAITING))
        session.commit()

    work(*sent[0][1:])

    killer = session.scalars(select(BatchItem).order_by(BatchItem.id)).first()
    assert states(session) == [FAILED, DONE]
    assert killer.reason == working.STOPPED
    assert killer.retryable


def test_a_worker_that_was_overtaken_takes_nothing_back_from_the_other(
    batch: Batch, session: Session, storage: Storage, sent: list[tuple[Any, ...]]
) -> None:
    order = order_for(session, batch)
    slow = working.claim(db.session(), order)
    db.session.commit()
    past = now() - timedelta(seconds=1)
    session.execute(update(BatchItem).where(BatchItem.state == RUNNING).values(leased_until=past))
    session.commit()
    recover()
    work(*sent[-1][1:])  # the other

    with pytest.raises(RefusedUploadError) as gone:
        working.answered(storage, slow, Limits())
    needed = working.give_up(db.session(), slow.public_id, slow.attempts, gone.value)
    db.session.commit()

    assert states(session) == [DONE, DONE]
    assert not needed


@pytest.mark.parametrize("full", [False, True])
def test_storage_that_is_away_for_a_while_costs_no_photograph(
    batch: Batch, session: Session, sent: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch, *, full: bool
) -> None:
    def away(*_: object) -> None:
        raise StorageFullError if full else StorageUnavailableError

    storage = current_storage()
    with monkeypatch.context() as outage:
        outage.setattr(storage, "put_all" if full else "get", away)
        outage.setattr(storage, "ready", lambda: full)
        for _ in range(5):  # minutes
            work(*sent[-1][1:])
            recover()
    waiting = session.execute(select(BatchItem.state, BatchItem.attempts)).all()
    recover()
    work(*sent[-1][1:])

    assert [tuple(row) for row in waiting] == [(WAITING, 0)] * 2
    assert states(session) == [DONE, DONE]


def test_one_file_that_can_not_be_read_is_given_up_and_its_neighbour_is_not(
    batch: Batch, session: Session, storage: Storage, sent: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = session.scalars(select(BatchItem.public_id).order_by(BatchItem.id)).first()
    get = storage.get

    def damaged(key: str) -> bytes:
        if first in key:
            raise StorageUnavailableError
        return get(key)

    monkeypatch.setattr(storage, "get", damaged)

    for _ in range(4):
        work(*sent[-1][1:])
        recover()

    assert states(session) == [FAILED, DONE]


@pytest.mark.parametrize("at_once", [1, 2])
def test_one_file_more_is_read_than_photographs_are_classified_at_once(
    inside: Flask, session: Session, sent: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    make_batch(session, current_storage(), make_user(session), PICTURES[: at_once + 1])
    inside.config["SETTINGS"] = inside.config["SETTINGS"].model_copy(update={"inference_threads": at_once})
    together = Barrier(at_once + 1, timeout=30)
    answered = jobs.answered

    def at_the_same_time(*arguments: Any) -> Any:
        together.wait()  # BrokenBarrierError unless all of them come
        return answered(*arguments)

    monkeypatch.setattr(jobs, "answered", at_the_same_time)

    work(*sent[0][1:])

    assert states(session) == [DONE] * (at_once + 1)


def test_what_has_failed_before_is_tried_alone(
    batch: Batch, session: Session, sent: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    session.execute(update(BatchItem).values(attempts=1))
    session.commit()
    seen: list[list[str]] = []
    keep = jobs.keep

    def watched(*arguments: Any) -> None:
        seen.append(states(session))
        keep(*arguments)

    monkeypatch.setattr(jobs, "keep", watched)

    work(*sent[0][1:])

    assert seen == [[RUNNING, WAITING], [DONE, RUNNING]]


def test_a_job_that_got_lost_is_sent_again_when_it_is_overdue(
    batch: Batch, session: Session, sent: list[tuple[Any, ...]]
) -> None:
    recover()
    early = len(sent)
    batch.due = now() - timedelta(seconds=1)
    session.commit()

    recover()

    assert (early, len(sent)) == (1, 2)


def test_a_batch_deleted_while_it_is_worked_on_leaves_no_test_behind(
    batch: Batch, session: Session, storage: Storage
) -> None:
    order = order_for(session, batch)
    claimed = working.claim(session, order)
    session.commit()
    answer = working.answered(storage, claimed, Limits())
    services.remove(session, session.get(Batch, order.batch.id))
    session.commit()

    with pytest.raises(NotFoundError):
        working.keep(db.session(), storage, order, claimed, answer)
    db.session.rollback()

    assert made_tests(session) == 0


def test_without_its_classifier_a_batch_fails_and_can_be_tried_again(
    batch: Batch, inside: Flask, session: Session, sent: list[tuple[Any, ...]], storage: Storage
) -> None:
    inside.extensions["classifiers"] = BrokenClassifiers()

    work(*sent[0][1:])

    items = session.scalars(select(BatchItem).execution_options(populate_existing=True)).all()
    assert {(item.state, item.retryable, item.kept) for item in items} == {(FAILED, True, True)}
    assert all(storage.get(original_key(item.public_id)) for item in items)


@in_both
def test_files_that_were_not_worked_on_are_erased_after_a_time(
    batch: Batch, session: Session, storage: Storage, age: Callable[..., None]
) -> None:
    services.cancel(session, batch)
    session.execute(update(BatchItem).values(patient_name="Ingrid", finished_at=now() - timedelta(days=8)))
    session.commit()
    tidy()  # the files are young: whatever wrote them may not have committed yet
    for key, _ in list(storage.keys()):
        age(key)

    tidy()

    assert not list(storage.keys())
    session.expire_all()
    kept = session.execute(select(BatchItem.state, BatchItem.kept, BatchItem.patient_name)).all()
    assert [tuple(row) for row in kept] == [(CANCELLED, False, None)] * 2


def test_files_that_wait_are_left_alone(batch: Batch, storage: Storage, age: Callable[..., None]) -> None:
    storage.put(original_key("nobodys"), b"x")
    for key, _ in list(storage.keys()):
        age(key)

    tidy()

    assert len(list(storage.keys())) == 2


def test_two_clinicians_take_turns(
    inside: Flask, session: Session, storage: Storage, sent: list[Any], monkeypatch: Any
) -> None:
    monkeypatch.setattr(jobs, "SLICE_SECONDS", 0.0)
    for _ in range(2):
        make_batch(session, storage, make_user(session), PICTURES[:2])

    order = []
    for name, batch_id, turn in sent:  # it grows while it is gone through
        assert name == "app.batches.jobs.work"
        work(batch_id, turn)
        order.append(batch_id)

    assert order == [1, 2, 1, 2]
    assert states(session) == [DONE] * 4
