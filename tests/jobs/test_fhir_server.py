"""Tests sent to a FHIR server: a real one, on this machine, that takes them, refuses, hangs, cuts off and redirects."""

from __future__ import annotations

import io
import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from flask import Flask
from pydantic import ValidationError
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.clock import now
from app.interop.deliveries.destinations import DeliveryError, current_destinations
from app.interop.deliveries.jobs import deliver
from app.interop.deliveries.services import request_delivery
from app.interop.deliveries.tables import FAILED, SENT, WAITING, Delivery
from app.interop.fhir import posting
from app.interop.fhir.destination import configured
from app.interop.fhir.posting import LARGEST, Server, post
from app.results.tables import Analysis
from app.storage import Storage
from config import Settings
from tests.factories import belonging_to, make_analysis, make_patient, make_user
from tests.fhir import faults

TOKEN = "a-token-of-the-clinic"
NAME = "Ingrid Sørensen"
Answer = Callable[["Handler", bytes], None]


class Handler(BaseHTTPRequestHandler):
    """Answers each request by the next of the server's answers, the last of them again and again."""

    server: FhirServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((self.path, dict(self.headers), body))
        answers = self.server.answers
        (answers.pop(0) if len(answers) > 1 else answers[0])(self, body)

    def reply(self, status: int, content: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""


class FhirServer(ThreadingHTTPServer):
    """A server on a port of its own, which remembers what it was sent."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[Answer] = [take]
        self.received: list[tuple[str, dict[str, str], bytes]] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/fhir"


def take(handler: Handler, body: bytes) -> None:
    """Take a valid bundle, and refuse any other."""
    bundle = json.loads(body)
    try:
        wrong = faults(bundle)
    except ValidationError as error:
        wrong = [str(error)]
    if wrong:
        handler.reply(422, outcome("invalid", diagnostics="; ".join(wrong)))
        return
    responses = [{"response": {"status": "201 Created", "location": _location(entry)}} for entry in bundle["entry"]]
    answer = {"resourceType": "Bundle", "type": "transaction-response", "entry": responses}
    handler.reply(200, json.dumps(answer).encode(), Content_Type="application/fhir+json")


def _location(entry: dict[str, Any]) -> str:
    return f"{entry['resource']['resourceType']}/{entry['resource']['id']}/_history/1"


def outcome(code: str, **issue: Any) -> bytes:
    issues = [{"severity": "error", "code": code, **issue}]
    return json.dumps({"resourceType": "OperationOutcome", "issue": issues}).encode()


def replying(status: int, content: bytes = b"", **headers: str) -> Answer:
    return lambda handler, _body: handler.reply(status, content, **headers)


def hang_up(handler: Handler, _body: bytes) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def server() -> Iterator[FhirServer]:
    server = FhirServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def settings(settings: Settings, server: FhirServer) -> Settings:
    return settings.model_copy(update={"fhir_url": server.address, "fhir_token": TOKEN})


@pytest.fixture
def inside(app: Flask) -> Iterator[Flask]:
    with app.app_context():
        yield app


@pytest.fixture
def delivery(inside: Flask, session: Session, storage: Storage) -> Delivery:
    """What was sent at once, as jobs are in tests, if the server was not told to do otherwise."""
    owner: User = make_user(session)
    patient = make_patient(session, owner, name=NAME)
    analysis: Analysis = make_analysis(session, owner, storage=storage, patient_id=patient.id, patient_name=NAME)
    delivery = Delivery(analysis_id=analysis.id, **belonging_to(owner), destination="fhir")
    session.add(delivery)
    session.commit()
    return delivery


def sent(session: Session, delivery: Delivery) -> Delivery:
    """Try it once, now."""
    delivery.next_attempt_at = now()
    session.commit()
    deliver(delivery.public_id)
    session.refresh(delivery)
    return delivery


def test_a_test_is_posted_as_one_transaction_and_known_by_what_the_server_calls_it(
    session: Session, delivery: Delivery, server: FhirServer
) -> None:
    sent(session, delivery)

    ((path, headers, body),) = server.received
    report = json.loads(body)["entry"][0]["resource"]
    assert (delivery.state, delivery.reason) == (SENT, None)
    assert delivery.reference == f"DiagnosticReport/{report['id']}"
    assert path == "/fhir"
    assert headers["Authorization"] == f"Bearer {TOKEN}"
    assert headers["Content-Type"] == "application/fhir+json"


def test_a_server_that_fails_is_sent_the_same_again(session: Session, delivery: Delivery, server: FhirServer) -> None:
    server.answers = [replying(500), take]

    first = sent(session, delivery).state
    second = sent(session, delivery).state

    assert (first, second) == (WAITING, SENT)
    assert server.received[0][2] == server.received[1][2]


def test_a_server_that_is_too_busy_is_left_alone_for_as_long_as_it_asks(
    session: Session, delivery: Delivery, server: FhirServer
) -> None:
    server.answers = [replying(429, Retry_After="1800")]

    sent(session, delivery)

    assert delivery.state == WAITING
    assert timedelta(minutes=29) < delivery.next_attempt_at - now() < timedelta(minutes=31)


@pytest.mark.parametrize(
    "answer",
    [
        lambda handler, body: handler.reply(500, body),
        lambda handler, body: handler.reply(422, outcome("invalid", diagnostics=body.decode(), expression=[NAME])),
        lambda handler, _body: handler.reply(302, Location=f"http://127.0.0.1/{NAME.split(maxsplit=1)[0]}"),
        lambda handler, _body: handler.reply(200, json.dumps({"resourceType": NAME}).encode()),
        hang_up,
    ],
)
def test_no_failure_leaves_a_name_in_the_log(
    session: Session, delivery: Delivery, server: FhirServer, written: io.StringIO, answer: Answer
) -> None:
    server.answers = [answer]

    sent(session, delivery)

    assert server.received
    assert not re.search("ingrid|sørensen", written.getvalue(), re.IGNORECASE)


def test_a_refusal_is_told_without_what_the_server_quotes(
    session: Session, delivery: Delivery, server: FhirServer
) -> None:
    quoted = {"diagnostics": f"Patient {NAME} is not known", "expression": ["Bundle.entry[1].resource.name"]}
    server.answers = [replying(422, outcome("business-rule", details={"text": NAME}, **quoted))]

    sent(session, delivery)

    assert delivery.state == FAILED
    assert delivery.reason == (
        "The server refused the record: a rule of the server is not met, at Bundle.entry[1].resource.name (status 422)."
    )


@pytest.mark.parametrize(
    "body",
    [
        b"<html>Ingrid</html>",
        b"[]",
        b'{"issue": "Ingrid"}',
        b"[" * 200_000,
        outcome("Ingrid"),
        json.dumps({"issue": [{"severity": "information", "code": "invalid"}]}).encode(),
    ],
)
def test_a_refusal_that_says_nothing_we_know_is_told_by_its_status(server: FhirServer, body: bytes) -> None:
    server.answers = [replying(400, body)]

    with pytest.raises(DeliveryError, match=r"^The server refused the record \(status 400\)\.$") as caught:
        post(Server(server.address, None), b"{}")

    assert caught.value.permanent


def test_a_place_that_quotes_a_value_is_left_out(server: FhirServer) -> None:
    server.answers = [replying(422, outcome("value", expression=["Patient.name.where(text='Ingrid')"]))]

    with pytest.raises(DeliveryError) as caught:
        post(Server(server.address, None), b"{}")

    assert "Ingrid" not in caught.value.message


@pytest.mark.parametrize(
    ("answer", "permanent", "sentence"),
    [
        (replying(401), True, posting.UNAUTHORISED),
        (replying(404), True, posting.UNKNOWN),
        (replying(409), False, posting.AGAIN),
        (replying(503), False, posting.AGAIN),
        (hang_up, False, posting.CUT_OFF),
        (replying(302, Location="https://elsewhere.example/fhir"), True, posting.REDIRECTED),
    ],
)
def test_what_goes_wrong_is_told_in_a_sentence_and_whether_it_may_pass(
    server: FhirServer, answer: Answer, permanent: bool, sentence: str
) -> None:
    server.answers = [answer]

    with pytest.raises(DeliveryError) as caught:
        post(Server(server.address, None), b"{}")

    assert caught.value.permanent is permanent
    assert caught.value.message.startswith(sentence)


def test_a_redirection_sends_nothing_elsewhere(server: FhirServer) -> None:
    other = FhirServer()
    thread = threading.Thread(target=other.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    server.answers = [replying(307, Location=other.address)]

    with pytest.raises(DeliveryError):
        post(Server(server.address, TOKEN), b"{}")
    other.shutdown()
    thread.join()
    other.server_close()

    assert other.received == []


def test_a_server_that_hangs_is_waited_for_so_long_and_no_longer(
    server: FhirServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = threading.Event()
    server.answers = [lambda handler, _body: (released.wait(5), hang_up(handler, b""))[1]]
    monkeypatch.setattr(posting, "LIMITS", httpx.Timeout(0.2))
    started = time.monotonic()

    with pytest.raises(DeliveryError, match="did not answer in time") as caught:
        post(Server(server.address, None), b"{}")
    took = time.monotonic() - started
    released.set()

    assert took < 2
    assert not caught.value.permanent


def test_an_answer_that_trickles_in_is_not_waited_for_to_the_end(
    server: FhirServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def trickle(handler: Handler, _body: bytes) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        for _ in range(50):
            try:
                handler.wfile.write(b" ")
            except OSError:
                return
            time.sleep(0.02)

    server.answers = [trickle]
    monkeypatch.setattr(posting, "LONGEST", 0.1)

    with pytest.raises(DeliveryError, match="did not answer in time"):
        post(Server(server.address, None), b"{}")


def test_of_an_answer_without_end_the_beginning_is_read(server: FhirServer) -> None:
    server.answers = [replying(200, b"x" * (3 * LARGEST))]

    assert len(post(Server(server.address, None), b"{}")) == LARGEST


def test_a_server_that_is_not_there_may_come_back() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    with pytest.raises(DeliveryError, match="can't be reached") as caught:
        post(Server(f"http://127.0.0.1:{port}/fhir", None), b"{}")

    assert not caught.value.permanent


@pytest.mark.parametrize(
    ("value", "least", "most"),
    [("120", 120, 120), ("Wed, 21 Oct 2015 07:28:00 GMT", 0, 0), ("soon", None, None), (None, None, None)],
)
def test_how_long_to_wait_is_read_in_seconds_and_as_a_date(
    value: str | None, least: float | None, most: float | None
) -> None:
    found = posting._retry_after(value)

    assert found is None if least is None else least <= (found or 0) <= (most or 0)


def test_what_the_server_says_is_used_only_if_it_is_an_id(
    session: Session, delivery: Delivery, server: FhirServer
) -> None:
    entries = [{"response": {"status": "201", "location": f"DiagnosticReport/{NAME}"}}]
    server.answers = [replying(200, json.dumps({"entry": entries}).encode())]

    sent(session, delivery)

    asked_for = json.loads(server.received[0][2])["entry"][0]["request"]["url"]
    assert delivery.reference == asked_for


def test_a_record_that_was_taken_in_part_is_not_called_sent(
    session: Session, delivery: Delivery, server: FhirServer
) -> None:
    entries = [{"response": {"status": "201"}}, {"response": {"status": "422"}}]
    server.answers = [replying(200, json.dumps({"entry": entries}).encode())]

    assert sent(session, delivery).state == FAILED


def test_nothing_can_be_sent_unless_an_administrator_has_said_where(inside: Flask, session: Session) -> None:
    here = current_destinations()

    assert configured(Settings(environment="testing")) is None
    assert here["fhir"].where.startswith("127.0.0.1:")
    assert TOKEN not in repr(here["fhir"])


def test_asking_for_it_sends_it(inside: Flask, session: Session, storage: Storage, server: FhirServer) -> None:
    owner = make_user(session)
    analysis = make_analysis(session, owner, storage=storage)

    request_delivery(session, analysis, "fhir", author=owner)
    session.commit()

    assert len(server.received) == 1
