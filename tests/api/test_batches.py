"""Batches as programs see them: made, filled, started, watched, read."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.batches.tables import DONE, FAILED, WAITING, Batch, BatchItem
from app.clock import now
from app.jobs import Queue
from app.jobs.registry import JOBS
from app.results.tables import Analysis
from app.results.verdicts.services import give
from app.results.verdicts.tables import ASSESSMENT
from config import Settings
from tests.api.conftest import Program
from tests.factories import make_analysis, make_patient
from tests.pictures import lesion_picture, png
from tests.web.test_batches import File, file, zipped
from tests.web.test_history import counted_queries

PICTURES = [png(lesion_picture(seed, (96, 80))) for seed in range(3)]
BROKEN = PICTURES[0][:500]
Made = Callable[..., str]


@pytest.fixture(autouse=True)
def held(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """Hold jobs back, as a queue does whose worker is away; the value lists them."""
    sent: list[tuple[Any, ...]] = []
    monkeypatch.setattr(Queue, "send", lambda _self, name, args, _kwargs: sent.append((name, *args)))
    return sent


@pytest.fixture
def made(program: Program) -> Made:
    """Makes a batch and returns its address."""

    def make(**fields: Any) -> str:
        answer = program.post("/batches", json={"patient_name": "Ingrid"} | fields)
        assert answer.status_code == 201, answer.text
        return str(answer.headers["Location"].removeprefix("/api/v1"))

    return make


def add(program: Program, address: str, *files: File) -> Any:
    return program.post(f"{address}/files", data={"files": list(files)})


def work(app: Flask, held: list[tuple[Any, ...]]) -> None:
    """Do what the worker does of batches, until nothing of it is left."""
    while batches := [job for job in held if job[0] == "app.batches.jobs.work"]:
        held[:] = [job for job in held if job not in batches]
        for name, *args in batches:
            with app.app_context():
                JOBS[name](*args)


def test_photographs_become_tests_with_what_the_rows_say(
    app: Flask, program: Program, made: Made, held: list[Any], session: Session
) -> None:
    rows = [{"file": "b", "patient_name": "Cem", "age": 54, "sex": "male", "body_site": "back"}]
    address = made(label="March", rows=[*rows, {"file": "lost.png"}])

    added = add(program, address, file("anna/a.png"), file("b.png", PICTURES[1]))
    started = program.post(f"{address}/start")
    work(app, held)
    shown = program.get(address)

    assert [each["outcome"] for each in added.json["files"]] == ["added", "added"]
    assert (started.json["state"], started.json["counts"]["waiting"]) == ("working", 2)
    assert started.json["unmatched"] == ["lost.png"]
    assert shown.json.items() >= {"label": "March", "model": "mobilenetv2-ham7", "state": "finished"}.items()
    assert (shown.json["counts"]["done"], shown.json["counts"]["total"]) == (2, 2)
    first, second = (row["prediction"] for row in program.get(f"{address}/results?order=sent").json["items"])
    assert (first["patient_name"], first["age"]) == ("Ingrid", None)
    assert [second[name] for name in ("patient_name", "age", "sex", "body_site")] == ["Cem", 54, "male", "back"]


def test_a_chosen_patient_has_all_photographs(
    app: Flask, program: Program, made: Made, held: list[Any], session: Session
) -> None:
    patient = make_patient(session, session.scalars(select(User)).one(), birth_year=now().year - 40)
    address = made(patient=patient.public_id, patient_name=None)

    add(program, address, file("a.png"))
    program.post(f"{address}/start")
    work(app, held)

    (test,) = session.scalars(select(Analysis)).all()
    assert (test.patient_id, test.age) == (patient.id, 40)


def test_each_file_is_kept_once_and_what_is_no_photograph_says_why(program: Program, made: Made) -> None:
    address = made()
    add(program, address, file("a.png"))

    answer = add(program, address, file("a.png"), file("b.png", PICTURES[1]), file("notes.txt", b"hello"))

    outcomes = [(each["name"], each["outcome"]) for each in answer.json["files"]]
    assert outcomes == [("a.png", "there"), ("b.png", "added"), ("notes.txt", "refused")]
    assert "This is text, not a photograph" in answer.json["files"][2]["reason"]
    assert program.get(address).json["counts"] == {
        "waiting": 2, "running": 0, "done": 0, "failed": 1, "cancelled": 0, "total": 3,
    }  # fmt: skip


def test_a_zip_file_is_unpacked_or_refused_whole(program: Program, made: Made) -> None:
    address = made()

    good = add(program, address, file("all.zip", zipped(**{"anna/a.png": PICTURES[0], "b.png": PICTURES[1]})))
    bad = add(program, address, file("c.png", PICTURES[2]), file("bad.zip", zipped(**{"../a.png": PICTURES[0]})))

    assert [each["name"] for each in good.json["files"]] == ["anna/a.png", "b.png"]
    assert bad.status_code == 422
    assert "points outside of it" in bad.json["detail"]
    assert program.get(address).json["counts"]["total"] == 2


@pytest.mark.parametrize(
    ("sent", "member"),
    [
        ({}, "/patient_name"),
        ({"patient_name": "A", "patient": "B"}, "/patient_name"),
        ({"patient_name": "A", "naming": "folder"}, "/naming"),
        ({"naming": "sheet", "rows": [{"file": "a.png"}]}, "/rows"),
        ({"naming": "all"}, "/naming"),
        ({"patient_name": "A", "model": "unknown"}, "/model"),
        ({"patient_name": "A", "rows": [{"file": "a.png", "age": 200}]}, "/rows/0/age"),
        ({"patient_name": "A", "rows": [{"file": "A.png"}, {"file": "b"}, {"file": "a.png"}]}, "/rows/2/file"),
    ],
)
def test_what_can_not_be_meant_is_refused(
    program: Program, session: Session, sent: dict[str, Any], member: str
) -> None:
    answer = program.post("/batches", json=sent)

    assert answer.status_code == 422
    assert [error["name"] for error in answer.json["errors"]] == [member]
    assert session.scalar(select(func.count(Batch.id))) == 0


def test_photographs_are_not_kept_with_an_archived_or_unknown_patient(
    program: Program, session: Session, owner: User
) -> None:
    archived = make_patient(session, owner, archived_at=now())

    answers = [program.post("/batches", json={"patient": who}) for who in (archived.public_id, "unknown")]

    assert [answer.status_code for answer in answers] == [409, 422]


def test_a_batch_that_was_started_takes_no_more_and_an_empty_one_is_not_started(program: Program, made: Made) -> None:
    address = made()

    empty = program.post(f"{address}/start")
    add(program, address, file("a.png"))
    program.post(f"{address}/start")
    late = [add(program, address, file("b.png")), program.post(f"{address}/start")]

    assert (empty.status_code, empty.json["detail"].split(".")[0]) == (422, "No file has arrived yet")
    assert [(each.status_code, each.json["type"]) for each in late] == [(409, "/api/docs#batch-started")] * 2


def test_work_is_cancelled_resumed_and_tried_again(
    app: Flask, program: Program, made: Made, held: list[Any], session: Session
) -> None:
    address = made()
    add(program, address, file("a.png"), file("b.png", BROKEN), file("c.png", PICTURES[2]))
    program.post(f"{address}/start")

    cancelled = program.post(f"{address}/cancel")
    resumed = program.post(f"{address}/resume")
    (failed,) = (item for item in session.scalars(select(BatchItem)) if item.name == "c.png")
    failed.state, failed.retryable = FAILED, True
    session.commit()
    retryable = program.get(address)
    again = program.post(f"{address}/retry")
    work(app, held)

    assert (cancelled.json["state"], cancelled.json["resumable"]) == ("cancelled", 3)
    assert (resumed.json["state"], resumed.json["counts"]["waiting"]) == ("working", 3)
    assert retryable.json["retryable"] == 1
    assert again.json["counts"]["waiting"] == 3
    assert program.get(address).json["counts"].items() >= {"done": 2, "failed": 1}.items()


def fill(session: Session, owner: User, address: str, *malignancies: float, **columns: Any) -> list[Analysis]:
    """Make results of a batch, as if the worker had."""
    batch = session.scalars(select(Batch).where(Batch.public_id == address.rpartition("/")[2])).one()
    batch.started_at = now()
    tests = [make_analysis(session, owner, malignancy=malignancy, **columns) for malignancy in malignancies]
    for test in tests:
        item = BatchItem(batch_id=batch.id, key=str(test.id), name=f"{test.id}.png", state=DONE, analysis_id=test.id)
        session.add(item)
        session.flush()
    session.commit()
    return tests


def unfinished(session: Session, address: str, state: str, reason: str | None = None) -> None:
    batch = session.scalars(select(Batch).where(Batch.public_id == address.rpartition("/")[2])).one()
    session.add(BatchItem(batch_id=batch.id, key=state, name=f"{state}.png", state=state, reason=reason))
    session.commit()


def test_results_are_read_page_by_page_the_most_suspicious_first(
    program: Program, made: Made, session: Session, owner: User
) -> None:
    address = made()
    unfinished(session, address, FAILED, "It is damaged.")
    fill(session, owner, address, 0.2, 0.9)
    fill(session, owner, address, 0.95, accepted=False)
    fill(session, owner, address, 0.5, 0.9)

    pages = program.walk(f"{address}/results", limit=2)
    sent = program.walk(f"{address}/results", limit=4, order="sent")

    found = [[row["prediction"] and row["prediction"]["malignancy"] for row in page] for page in pages]
    assert found == [[0.9, 0.9], [0.5, 0.2], [None, None]]
    assert [row["state"] for row in pages[2]] == [DONE, FAILED]
    assert pages[2][1].items() >= {"reason": "It is damaged.", "prediction": None}.items()
    found = [[row["prediction"] and row["prediction"]["malignancy"] for row in page] for page in sent]
    assert found == [[None, 0.2, 0.9, None], [0.5, 0.9]]


def test_concealed_answers_are_told_by_nothing(program: Program, made: Made, session: Session, owner: User) -> None:
    address = made()
    first, hidden, last = fill(session, owner, address, 0.3, 0.98765, 0.1)
    owner.blind = True
    for test in (first, last):
        give(session, test, author=owner, kind=ASSESSMENT, label="nv")
    session.commit()

    items = program.get(f"{address}/results").json["items"]
    lines = list(csv.DictReader(io.StringIO(program.get(f"{address}/results.csv").text.lstrip("\ufeff"))))
    pdf = program.get(f"{address}/report.pdf")

    assert [row["prediction"]["id"] for row in items] == [first.public_id, last.public_id, hidden.public_id]
    concealed = items[2]["prediction"]
    assert (concealed["concealed"], concealed["label"], concealed["malignancy"]) == (True, None, None)
    assert [line["malignancy"] for line in lines] == ["0.3", "0.1", ""]
    assert lines[2]["reason"] == "Hidden until you have entered your assessment"
    assert (pdf.status_code, pdf.data[:5]) == (200, b"%PDF-")


@pytest.mark.parametrize("cursor", ["x", "WyJuYW4iLDFd", "WyJhIiwxXQ", "WzFd"])  # nan, a word, an id alone
def test_a_cursor_that_no_page_gave_is_refused(program: Program, made: Made, cursor: str) -> None:
    assert program.get(f"{made()}/results?cursor={cursor}").status_code == 422


def test_lists_ask_the_same_number_of_questions_however_long_they_are(
    app: Flask, program: Program, made: Made, session: Session, owner: User
) -> None:
    def asked(address: str) -> int:
        with counted_queries(app) as statements:
            assert program.get(address).status_code == 200
        return len(statements)

    address = made()
    fill(session, owner, address, 0.5)
    few = [asked(page) for page in ("/batches", f"{address}/results", address)]
    for _ in range(3):
        fill(session, owner, made(), 0.5)
    fill(session, owner, address, *[0.5] * 20)

    assert [asked(page) for page in ("/batches", f"{address}/results", address)] == few == [5, 7, 6]


def test_batches_are_listed_the_newest_first(program: Program, stranger: Program, made: Made) -> None:
    for number in range(3):
        made(label=str(number))

    pages = program.walk("/batches", limit=2)

    assert [[row["label"] for row in page] for page in pages] == [["2", "1"], ["0"]]
    assert pages[0][0]["state"] == "sending"
    assert stranger.walk("/batches") == [[]]


def test_a_deleted_batch_leaves_its_tests(program: Program, made: Made, session: Session, owner: User) -> None:
    address = made()
    (test,) = fill(session, owner, address, 0.5)

    assert program.delete(address).status_code == 204
    assert program.get(address).status_code == 404
    assert session.scalars(select(Analysis.id)).all() == [test.id]


def test_a_stranger_finds_no_batch(program: Program, stranger: Program, made: Made, session: Session) -> None:
    address = made()
    add(program, address, file("a.png"))

    answers = [
        *(stranger.get(f"{address}{part}") for part in ("", "/results", "/results.csv", "/report.pdf")),
        *(stranger.post(f"{address}/{verb}") for verb in ("start", "cancel", "resume", "retry")),
        add(stranger, address, file("b.png")),
        stranger.delete(address),
    ]

    assert [answer.status_code for answer in answers] == [404] * len(answers)
    assert session.scalars(select(BatchItem.state)).all() == [WAITING]


def test_the_same_request_makes_one_batch(program: Program, session: Session) -> None:
    headers = {"Idempotency-Key": "8e03978e"}

    first, again = (program.post("/batches", json={"patient_name": "A"}, headers=headers) for _ in range(2))

    assert (again.status_code, again.json) == (201, first.json)
    assert session.scalar(select(func.count(Batch.id))) == 1


class TestSmall:
    """A site that takes little at once."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"batch_photographs": 2, "batch_megabytes": 1, "upload_megabytes": 1})

    def test_more_files_than_a_batch_takes_are_refused(self, program: Program, made: Made) -> None:
        address = made()

        files = add(program, address, *(file(f"{n}.png", content) for n, content in enumerate(PICTURES)))
        rows = program.post("/batches", json={"patient_name": "A", "rows": [{"file": str(n)} for n in range(3)]})

        assert (files.status_code, rows.status_code) == (422, 422)
        assert "at most" in files.json["detail"]
        assert program.get(address).json["counts"]["total"] == 0

    def test_a_larger_request_than_the_settings_allow_is_not_read(self, program: Program, made: Made) -> None:
        head = b'--edge\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
        body = head + b"\0" * 3 * 1024 * 1024 + b"\r\n--edge--\r\n"

        address, kind = f"{made()}/files", "multipart/form-data; boundary=edge"
        answer = program.post(address, data=body, content_type=kind)

        assert answer.status_code == 413
