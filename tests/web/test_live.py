"""What a page is told of its parts: to whom, how many at once, and with what in hand."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.auth.sign_ins import end_all_of
from app.auth.tables import User
from app.batches.tables import DONE, RUNNING, WAITING, Batch, BatchItem
from app.clock import now
from app.extensions import db
from app.live.streams import Streams
from app.results.tables import Analysis
from app.storage import Storage
from tests.factories import belonging_to, make_analysis, make_outline, make_user, sign_in

Step = Callable[[], Any]
EVENTS = {"Accept": "text/event-stream"}
PROOF = re.compile(r"\?seen=[\w-]+")  # in addresses of pictures: see app/audit/covers.py


class Steps(Streams):
    """Streams in which the waits take no time: in each something happens, and after the last the client has gone."""

    def __init__(self, *steps: Step, most: int = 1) -> None:
        super().__init__(most)
        self.steps = list(steps)

    def wait(self, _seconds: float, _connection: object) -> bool:
        if not self.steps:
            return False
        self.steps.pop(0)()
        return True


@pytest.fixture
def during(app: Flask) -> Callable[..., Steps]:
    def put(*steps: Step, most: int = 1) -> Steps:
        streams = app.extensions["live"] = Steps(*steps, most=most)
        return streams

    return put


@pytest.fixture
def batch(session: Session, owner: User) -> Batch:
    """A batch of two files, one of them in work."""
    batch = Batch(**belonging_to(owner), model_name="mobilenetv2-ham7", naming="one", started_at=now())
    session.add(batch)
    session.flush()
    for name, state in (("a", RUNNING), ("b", WAITING)):
        session.add(BatchItem(batch_id=batch.id, key=name, name=name, state=state))
    session.commit()
    return batch


@pytest.fixture
def analysis(session: Session, owner: User, storage: Storage) -> Analysis:
    return make_analysis(session, owner, storage=storage)


def told(content: str) -> list[dict[str, Any]]:
    return [json.loads(line.removeprefix("data: ")) for line in content.splitlines() if line.startswith("data: ")]


def stream(reader: FlaskClient, batch: Batch) -> int:
    """Read a stream to its end and return its status."""
    response = reader.get(f"/live/batch:{batch.public_id}", headers=EVENTS, buffered=True)
    return int(response.status_code)


def finish(session: Session, *names: str) -> Step:
    def step() -> None:
        done = [item.id for item in session.scalars(select(BatchItem)) if item.name in names]
        session.execute(update(BatchItem).where(BatchItem.id.in_(done)).values(state=DONE, finished_at=now()))
        session.commit()

    return step


def test_progress_is_told_until_the_batch_is_finished(
    reader: FlaskClient, session: Session, batch: Batch, during: Callable[..., Steps]
) -> None:
    name = f"batch:{batch.public_id}"
    during(lambda: None, finish(session, "a"), lambda: None, finish(session, "b"), lambda: None)

    response = reader.get(f"/live/{name}", headers=EVENTS)

    assert response.mimetype == "text/event-stream"
    assert response.headers["X-Accel-Buffering"] == "no"
    assert response.headers["Cache-Control"] == "no-store"
    events = told(response.text)
    assert ["of 2 files" in event["parts"][name] for event in events] == [True] * 3
    assert [event["parts"][name].split(" of 2 files")[0][-1] for event in events] == ["0", "1", "2"]
    assert [event["over"] for event in events] == [False, False, True]


def test_whoever_asks_gets_the_same_as_json(reader: FlaskClient, session: Session, batch: Batch) -> None:
    name = f"batch:{batch.public_id}"

    before = reader.get(f"/live/{name}").json
    finish(session, "a", "b")()
    after = reader.get(f"/live/{name}").json

    assert "0 of 2 files" in before["parts"][name]
    assert "2 of 2 files" in after["parts"][name]
    assert (before["over"], after["over"]) == (False, True)


def test_an_outline_arrives_while_the_page_is_open(
    reader: FlaskClient, session: Session, analysis: Analysis, during: Callable[..., Steps]
) -> None:
    name = f"outline:{analysis.public_id}"
    during(lambda: None, lambda: make_outline(session, analysis))

    page = reader.get(f"/results/{analysis.public_id}").text
    events = told(reader.get(f"/live/{name}", headers=EVENTS).text)
    later = reader.get(f"/results/{analysis.public_id}").text

    assert f'data-live="{name}"' in page
    assert "has not been measured yet" in events[0]["parts"][name]
    assert "Border irregularity" in events[1]["parts"][name]
    assert [event["over"] for event in events] == [False, True]
    assert PROOF.sub("", events[1]["parts"][name]).strip() in PROOF.sub("", later)
    assert "data-live" not in later


def test_several_parts_of_a_page_share_a_stream(
    reader: FlaskClient, session: Session, batch: Batch, analysis: Analysis, during: Callable[..., Steps]
) -> None:
    names = [f"batch:{batch.public_id}", f"outline:{analysis.public_id}"]
    during(finish(session, "a", "b"), lambda: make_outline(session, analysis))

    events = told(reader.get(f"/live/{','.join(names)}", headers=EVENTS).text)

    assert [set(event["parts"]) for event in events] == [set(names)] * 3
    assert [event["over"] for event in events] == [False, False, True]


def test_a_stream_ends_with_the_session(
    reader: FlaskClient, session: Session, owner: User, batch: Batch, during: Callable[..., Steps]
) -> None:
    def sign_out_elsewhere() -> None:
        end_all_of(session, user=owner)
        session.commit()

    streams = during(sign_out_elsewhere, finish(session, "a"))

    events = told(reader.get(f"/live/batch:{batch.public_id}", headers=EVENTS).text)

    assert [event["parts"] == {} for event in events] == [False, True]
    assert events[-1]["over"]
    assert len(streams.steps) == 1  # nobody looked again


def test_a_stream_ends_with_what_it_is_about(
    reader: FlaskClient, session: Session, batch: Batch, during: Callable[..., Steps]
) -> None:
    def remove() -> None:
        session.delete(batch)
        session.commit()

    during(remove, finish(session, "a"))

    events = told(reader.get(f"/live/batch:{batch.public_id}", headers=EVENTS).text)

    assert [event["parts"] == {} for event in events] == [False, True]
    assert events[-1]["over"]


def test_no_connection_is_held_while_a_stream_waits(
    app: Flask, reader: FlaskClient, session: Session, batch: Batch, during: Callable[..., Steps]
) -> None:
    with app.app_context():
        pool = db.engine.pool
    held: list[int] = []

    def count() -> None:
        session.rollback()  # the test's own
        held.append(pool.checkedout())

    during(count, count, count)

    stream(reader, batch)

    assert held == [0, 0, 0]


def test_there_is_room_for_so_many_streams_and_each_leaves_it_again(
    reader: FlaskClient, batch: Batch, during: Callable[..., Steps]
) -> None:
    meanwhile: list[int] = []
    during(
        lambda: meanwhile.append(stream(reader, batch)),
        lambda: meanwhile.append(reader.get(f"/live/batch:{batch.public_id}").status_code),
        most=1,
    )

    stream(reader, batch)
    afterwards = stream(reader, batch)

    assert meanwhile == [204, 200]
    assert afterwards == 200


def test_a_process_that_is_to_end_opens_no_stream(
    reader: FlaskClient, batch: Batch, during: Callable[..., Steps]
) -> None:
    during().stopping = lambda: True

    assert stream(reader, batch) == 204


@pytest.mark.parametrize("headers", [{}, EVENTS], ids=["asked", "streamed"])
def test_strangers_and_the_anonymous_are_told_nothing(
    app: Flask, session: Session, batch: Batch, analysis: Analysis, headers: dict[str, str]
) -> None:
    addresses = [f"/live/batch:{batch.public_id}", f"/live/outline:{analysis.public_id}"]
    stranger, anonymous = app.test_client(), app.test_client()
    sign_in(stranger, make_user(session))

    assert [stranger.get(address, headers=headers).status_code for address in addresses] == [404, 404]
    turned_away = [anonymous.get(address, headers=headers).location for address in addresses]
    assert all(location.startswith("/login?next=") for location in turned_away)


@pytest.mark.parametrize("wanted", ["batch", "batch:", "weather:x", ",", "outline:x"])
def test_what_is_no_part_is_not_found(reader: FlaskClient, wanted: str) -> None:
    assert reader.get(f"/live/{wanted}").status_code == 404


def test_a_page_has_only_so_many_parts(reader: FlaskClient, batch: Batch) -> None:
    assert reader.get(f"/live/{','.join([f'batch:{batch.public_id}'] * 5)}").status_code == 404
