"""The worker's part of the deliveries: failures that pass and those that don't, killed workers, what is gone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.clock import now
from app.errors import NotFoundError
from app.extensions import db
from app.interop.deliveries import jobs, working
from app.interop.deliveries.destinations import DeliveryError, register
from app.interop.deliveries.jobs import deliver, take_up
from app.interop.deliveries.services import request_delivery
from app.interop.deliveries.tables import CANCELLED, FAILED, SENDING, SENT, WAITING, Delivery
from app.interop.deliveries.working import LEASE, MOST_ATTEMPTS, PAUSES
from app.jobs import Queue
from app.results import services as results
from app.results.tables import Analysis
from tests.factories import make_analysis
from tests.fakes import FakeDestination

BUSY = "The server is busy."


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """Which of our jobs were put into the queue, which nobody empties."""
    jobs_sent: list[tuple[Any, ...]] = []

    def send(_queue: Queue, name: str, args: tuple[Any, ...], _kwargs: dict[str, Any]) -> None:
        if name.startswith(jobs.__name__):
            jobs_sent.append((name.rpartition(".")[2], *args))

    monkeypatch.setattr(Queue, "send", send)
    return jobs_sent


@pytest.fixture
def inside(app: Flask) -> Iterator[Flask]:
    with app.app_context():
        yield app


@pytest.fixture
def system(inside: Flask) -> FakeDestination:
    """A configured system, which takes whatever it is sent."""
    destination = FakeDestination()
    register(inside, destination)
    return destination


@pytest.fixture
def analysis(session: Session, owner: User) -> Analysis:
    return make_analysis(session, owner)


@pytest.fixture
def delivery(session: Session, analysis: Analysis, system: FakeDestination) -> Delivery:
    return requested(session, analysis)


def requested(session: Session, analysis: Analysis) -> Delivery:
    delivery = request_delivery(session, analysis, "fhir", author=session.get_one(User, analysis.author_id))
    session.commit()
    return delivery


def busy(retry_after: float | None = None) -> DeliveryError:
    return DeliveryError(BUSY, permanent=False, retry_after=retry_after)


def attempt(session: Session, delivery: Delivery) -> timedelta:
    """Run the job as soon as the delivery is due, and return how far from now the next attempt is."""
    make_due(session, delivery)
    started = now()
    deliver(delivery.public_id)
    session.refresh(delivery)
    return delivery.next_attempt_at - started


def make_due(session: Session, delivery: Delivery) -> None:
    session.execute(update(Delivery).where(Delivery.id == delivery.id).values(next_attempt_at=now()))
    session.commit()


def lose_worker(session: Session, delivery: Delivery, at: datetime) -> None:
    """Let a worker claim a delivery and be killed, its lease until `at`."""
    assert working.claim(db.session(), delivery.public_id) is not None
    db.session.commit()
    session.execute(update(Delivery).where(Delivery.id == delivery.id).values(leased_until=at))
    session.commit()


def test_what_was_asked_for_is_sent_once_though_the_job_comes_twice(
    session: Session, delivery: Delivery, system: FakeDestination, sent: list[tuple[Any, ...]]
) -> None:
    ((_, public_id),) = sent

    deliver(public_id)
    deliver(public_id)

    session.refresh(delivery)
    assert (delivery.state, delivery.reference, delivery.attempts) == (SENT, "Report/1", 1)
    assert delivery.sent_at is not None
    assert len(system.received) == 1


def test_asking_twice_is_one_delivery_until_it_has_arrived_and_then_another(
    session: Session, analysis: Analysis, delivery: Delivery, system: FakeDestination
) -> None:
    again = requested(session, analysis)
    deliver(delivery.public_id)
    session.expire_all()
    after = requested(session, analysis)

    assert again.id == delivery.id
    assert after.id != delivery.id


def test_the_pauses_grow_to_a_day_then_it_is_given_up(
    session: Session, delivery: Delivery, system: FakeDestination
) -> None:
    system.failures = [busy() for _ in range(MOST_ATTEMPTS)]

    pauses = [attempt(session, delivery) for _ in PAUSES]
    waiting = delivery.state
    attempt(session, delivery)

    assert [round(pause / timedelta(minutes=1)) for pause in pauses] == [1, 5, 15, 60, 240, 720, 1440]
    assert waiting == WAITING
    assert (delivery.state, delivery.reason, delivery.attempts) == (FAILED, BUSY, MOST_ATTEMPTS)


def test_it_comes_back_no_earlier_than_the_other_side_asks(
    session: Session, delivery: Delivery, system: FakeDestination
) -> None:
    system.failures = [busy(retry_after=600)]

    assert attempt(session, delivery) >= timedelta(seconds=600)


def test_whoever_asks_to_be_left_alone_for_ever_is_left_alone_for_a_day(
    session: Session, delivery: Delivery, system: FakeDestination
) -> None:
    system.failures = [busy(retry_after=float("inf"))]

    assert timedelta(hours=23) < attempt(session, delivery) < timedelta(hours=25)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (DeliveryError("The server refused it.", permanent=True), "The server refused it."),
        (NotFoundError("The photograph is missing."), "The photograph is missing."),
    ],
)
def test_what_would_fail_again_is_given_up_at_once(
    session: Session, delivery: Delivery, system: FakeDestination, error: Exception, reason: str
) -> None:
    system.failures = [error]

    deliver(delivery.public_id)

    session.refresh(delivery)
    assert (delivery.state, delivery.reason, delivery.attempts) == (FAILED, reason, 1)


def test_a_job_before_its_time_does_nothing(session: Session, delivery: Delivery, system: FakeDestination) -> None:
    system.failures = [busy()]
    deliver(delivery.public_id)

    deliver(delivery.public_id)

    session.refresh(delivery)
    assert (delivery.state, delivery.attempts, system.received) == (WAITING, 1, [])


def test_while_a_system_fails_the_other_deliveries_to_it_wait_a_minute(
    session: Session, owner: User, delivery: Delivery, system: FakeDestination
) -> None:
    other = requested(session, make_analysis(session, owner))
    system.failures = [busy()]

    deliver(delivery.public_id)
    deliver(other.public_id)

    session.refresh(other)
    assert (other.state, other.attempts) == (WAITING, 0)
    assert other.next_attempt_at > now()


def test_the_clock_takes_up_what_is_due_and_nothing_else(
    session: Session, owner: User, delivery: Delivery, sent: list[tuple[Any, ...]]
) -> None:
    later = requested(session, make_analysis(session, owner))
    session.execute(
        update(Delivery).where(Delivery.id == later.id).values(next_attempt_at=now() + timedelta(minutes=5))
    )
    session.commit()
    sent.clear()  # the queue has lost them

    take_up()

    assert sent == [("deliver", delivery.public_id)]


def test_what_a_killed_worker_held_is_sent_once_its_lease_has_run_out(
    session: Session, delivery: Delivery, system: FakeDestination, sent: list[tuple[Any, ...]]
) -> None:
    sent.clear()
    lose_worker(session, delivery, at=now() + LEASE)
    take_up()
    too_early = list(sent)
    session.execute(update(Delivery).values(leased_until=now() - timedelta(seconds=1)))
    session.commit()

    take_up()
    deliver(*sent[0][1:])

    session.refresh(delivery)
    assert too_early == []
    assert (delivery.state, delivery.attempts) == (SENT, 2)


def test_what_kills_the_worker_again_and_again_is_given_up(
    session: Session, delivery: Delivery, sent: list[tuple[Any, ...]]
) -> None:
    for _ in range(MOST_ATTEMPTS):
        make_due(session, delivery)
        lose_worker(session, delivery, at=now() - timedelta(seconds=1))
        take_up()

    session.refresh(delivery)
    assert (delivery.state, delivery.reason) == (FAILED, working.STOPPED)


def test_a_worker_that_comes_late_changes_nothing(session: Session, delivery: Delivery) -> None:
    late = working.claim(db.session(), delivery.public_id)
    db.session.commit()
    assert late is not None
    session.execute(update(Delivery).values(leased_until=now() + 2 * LEASE))  # by now another one has it
    session.commit()

    working.put_off(db.session(), late, DeliveryError(BUSY, permanent=True))
    db.session.commit()

    session.refresh(delivery)
    assert delivery.state == SENDING


def test_a_delivery_goes_with_its_test_and_its_job_finds_nothing(
    session: Session, analysis: Analysis, delivery: Delivery, system: FakeDestination
) -> None:
    public_id = delivery.public_id
    results.remove(session, analysis)
    session.commit()

    deliver(public_id)

    assert session.scalars(select(Delivery)).all() == []
    assert system.received == []


def test_a_test_deleted_while_it_is_being_sent_leaves_nothing_behind(
    session: Session, analysis: Analysis, delivery: Delivery
) -> None:
    claimed = working.claim(db.session(), delivery.public_id)
    db.session.commit()
    assert claimed is not None
    results.remove(session, analysis)
    session.commit()

    working.keep(db.session(), claimed, "Report/1")
    db.session.commit()

    assert session.scalars(select(Delivery)).all() == []


def test_what_was_taken_back_is_not_sent(session: Session, delivery: Delivery, system: FakeDestination) -> None:
    delivery.state = CANCELLED
    session.commit()

    deliver(delivery.public_id)

    assert system.received == []


def test_nothing_is_sent_whose_answer_is_hidden_by_now(
    session: Session, owner: User, delivery: Delivery, system: FakeDestination
) -> None:
    owner.blind = True
    session.commit()

    deliver(delivery.public_id)

    session.refresh(delivery)
    assert system.received == []
    assert (delivery.state, delivery.reason) == (FAILED, "Hidden until you have entered your assessment.")


def test_nothing_is_sent_to_a_system_that_is_not_configured_any_more(
    session: Session, delivery: Delivery, inside: Flask
) -> None:
    inside.extensions["destinations"].clear()

    deliver(delivery.public_id)

    session.refresh(delivery)
    assert delivery.state == FAILED
