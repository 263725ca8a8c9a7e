"""More photographs than can be answered: the last are told to come again, and pages and all others are answered."""

from __future__ import annotations

import http.client
import io
import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from app.admission.connections import PatientWorker, seconds_for
from app.admission.doors import in_turns
from app.admission.lanes import Lane
from app.admission.refusals import Refusals
from app.auth.tables import User
from app.results.tables import Analysis
from models.patient import Patient
from models.prediction import Classifier, Frame, Prediction
from tests.factories import PASSWORD, csrf_token, make_token
from tests.fakes import FakeClassifiers
from tests.pictures import jpeg, lesion_picture

FILE = jpeg(lesion_picture())
PATIENCE = 60.0


class Slow:
    """A classifier that answers once it is let."""

    def __init__(self, quick: Classifier) -> None:
        self._quick = quick
        self.asked, self.let = threading.Semaphore(0), threading.Event()

    def predict(
        self, photograph: Image.Image, frame: Frame | None = None, patient: Patient | None = None
    ) -> Prediction:
        self.asked.release()
        assert self.let.wait(PATIENCE)
        return self._quick.predict(photograph, frame, patient)


class SlowClassifiers(FakeClassifiers):
    """Classifiers of which each is as slow as `slow`."""

    slow: Slow

    def __getitem__(self, name: str) -> Any:
        self.slow = self.__dict__.setdefault("slow", Slow(super().__getitem__(name)))
        return self.slow


@pytest.fixture
def classifiers() -> SlowClassifiers:
    made = SlowClassifiers()
    made["mobilenetv2-ham7"]
    return made


@pytest.fixture
def photographs() -> Lane:
    """One turn, and one place to wait."""
    return Lane(1, 1, PATIENCE)


@pytest.fixture
def site(app: Flask, photographs: Lane, classifiers: SlowClassifiers) -> Iterator[str]:
    """The site, with one turn for pages."""
    in_turn = in_turns(app.wsgi_app, Lane(1, 4, PATIENCE), photographs, Refusals(app))
    app.wsgi_app = in_turn  # type: ignore[method-assign]  # as Flask means it
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    classifiers.slow.let.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def browser(site: str, owner: User) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=site, timeout=PATIENCE) as browser:
        token = csrf_token(browser.get("/login").text)
        browser.post("/login", data={"csrf_token": token, "email": owner.email, "password": PASSWORD})
        yield browser


@pytest.fixture
def program(owner: User, session: Session) -> dict[str, str]:
    return {"Authorization": f"Bearer {make_token(session, owner)}"}


def send(browser: httpx.Client, token: str, **headers: str) -> httpx.Response:
    fields = {"csrf_token": token, "patient_name": "Greta"}
    return browser.post("/prediction", data=fields, files={"image": ("a.jpg", io.BytesIO(FILE))}, headers=headers)


def test_the_one_too_many_comes_again_and_pages_are_answered_meanwhile(
    browser: httpx.Client, photographs: Lane, classifiers: SlowClassifiers, session: Session
) -> None:
    token = csrf_token(browser.get("/prediction").text)
    with ThreadPoolExecutor() as people:
        served = people.submit(send, browser, token)
        assert classifiers.slow.asked.acquire(timeout=PATIENCE)
        waiting = people.submit(send, browser, token)
        _until_full(photographs)

        refused, told = send(browser, token), send(browser, token, **{"X-Requested-With": "queue"})
        page = browser.get("/previous_tests")
        classifiers.slow.let.set()
        answered = [served.result(PATIENCE), waiting.result(PATIENCE)]
    after = send(browser, token)

    assert refused.status_code == told.status_code == 503
    assert int(refused.headers["Retry-After"]) >= 1
    assert int(told.headers["Retry-After"]) >= 1
    assert "nothing is lost" in refused.text
    assert "nothing is lost" in told.json()["error"]
    assert "script-src" in refused.headers["Content-Security-Policy"]
    assert refused.headers["Cache-Control"] == "no-store"
    assert page.status_code == 200
    assert [each.status_code for each in (*answered, after)] == [303, 303, 303]
    assert session.scalar(select(func.count()).select_from(Analysis)) == 3


def test_programs_are_told_in_problem_details(
    browser: httpx.Client, photographs: Lane, classifiers: SlowClassifiers, program: dict[str, str]
) -> None:
    token = csrf_token(browser.get("/prediction").text)
    with ThreadPoolExecutor() as people:
        people.submit(send, browser, token)
        assert classifiers.slow.asked.acquire(timeout=PATIENCE)
        people.submit(send, browser, token)
        _until_full(photographs)
        files = {"image": ("a.jpg", io.BytesIO(FILE))}
        refused = browser.post("/api/v1/predictions", files=files, headers=program)
        classifiers.slow.let.set()

    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.json()["type"] == "/api/docs#busy"
    assert int(refused.headers["Retry-After"]) >= 1


def test_a_photograph_that_comes_slowly_holds_no_turn(browser: httpx.Client, classifiers: SlowClassifiers) -> None:
    classifiers.slow.let.set()
    token = csrf_token(browser.get("/prediction").text)
    host, port = browser.base_url.host, browser.base_url.port
    assert port is not None
    with socket.create_connection((host, port)) as slow:
        slow.sendall(
            b"POST /prediction HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/form-data; boundary=x\r\n"
            b"Content-Length: 5000\r\nCookie: lentigo=" + browser.cookies["lentigo"].encode() + b"\r\n\r\n--x\r\n"
        )
        time.sleep(0.1)

        page, photograph = browser.get("/previous_tests"), send(browser, token)

    assert (page.status_code, photograph.status_code) == (200, 303)


def test_what_does_not_arrive_whole_is_told_to_come_again(browser: httpx.Client) -> None:
    browser.get("/prediction")
    connection = http.client.HTTPConnection(browser.base_url.host, browser.base_url.port)
    connection.putrequest("POST", "/prediction")
    for name, value in {
        "Content-Type": "multipart/form-data; boundary=x",
        "Content-Length": "5000",
        "Cookie": f"lentigo={browser.cookies['lentigo']}",
        "X-Requested-With": "fetch",
    }.items():
        connection.putheader(name, value)
    connection.endheaders(b"--x\r\n")
    connection.sock.shutdown(socket.SHUT_WR)  # as the web server does to what takes too long

    answer = connection.getresponse()

    assert answer.status == 408
    assert "not arrived whole" in json.loads(answer.read())["error"]
    connection.close()


def test_a_stranger_can_send_no_more_than_a_form(site: str, client: FlaskClient) -> None:
    answer = httpx.post(f"{site}/login", files={"image": ("a.jpg", bytes(2 << 20))}, timeout=PATIENCE)

    assert answer.status_code == 413


def test_the_larger_has_the_longer_to_arrive() -> None:
    assert seconds_for(1000) < seconds_for(-1) < seconds_for(16 << 20) < seconds_for(512 << 20)


def test_a_connection_that_says_too_little_is_cut_off() -> None:
    worker = PatientWorker.__new__(PatientWorker)
    here, there = socket.socketpair()
    worker.pending_conns, worker._until = [], {here: time.monotonic() - 1}

    worker.murder_pending()

    with here, there:
        assert here.recv(1) == b""
    assert worker._until == {}


def _until_full(lane: Lane) -> None:
    """Wait until nobody else would get a place."""
    end = time.monotonic() + PATIENCE
    while lane._inside < 2:
        assert time.monotonic() < end
        time.sleep(0.01)
