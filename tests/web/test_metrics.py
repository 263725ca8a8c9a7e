"""What `/metrics` tells, and to whom."""

from __future__ import annotations

import io
import platform
import time

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.batches.tables import DONE, WAITING, Batch, BatchItem
from app.clock import now
from app.metrics.asked import QUESTIONS, Question
from app.operations import exposition
from config import Settings
from tests.factories import post
from tests.pictures import jpeg, lesion_picture

TOKEN = "a-token-of-those-who-watch"
GOOD = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"metrics_token": TOKEN})


def numbers(client: FlaskClient) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    answer = client.get("/metrics", headers=GOOD)
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.text)
    return {(one.name, tuple(sorted(one.labels.items()))): one.value for family in families for one in family.samples}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": TOKEN},
        {"Authorization": "Bearer "},
        {"Authorization": f"Bearer {TOKEN}x"},
        {"Authorization": f"Basic {TOKEN}"},
        {"Authorization": "Bearer \u00e5"},
    ],
)
def test_without_the_token_there_is_no_such_page(client: FlaskClient, headers: dict[str, str]) -> None:
    answer = client.get("/metrics", headers=headers)

    assert answer.status_code == 404
    assert "lentigo_" not in answer.text


def test_whoever_is_signed_in_needs_the_token_too(reader: FlaskClient) -> None:
    assert reader.get("/metrics").status_code == 404


def test_where_no_token_is_set_nobody_reads_it(client: FlaskClient, app: Flask, settings: Settings) -> None:
    app.config["SETTINGS"] = settings.model_copy(update={"metrics_token": None})

    said = ("Bearer ", "Bearer None", f"Bearer {TOKEN}")
    answers = [client.get("/metrics", headers={"Authorization": each}) for each in said]

    assert [answer.status_code for answer in answers] == [404, 404, 404]


def test_uploads_are_counted_by_what_became_of_them(reader: FlaskClient) -> None:
    def uploads(outcome: str, reason: str) -> float:
        return numbers(reader).get(("lentigo_uploads_total", (("outcome", outcome), ("reason", reason))), 0)

    before = uploads("accepted", ""), uploads("refused", "photograph-refused")

    for content in (jpeg(lesion_picture(size=(96, 80))), b"Ingrid"):
        post(reader, "/prediction", {"patient_name": "Ingrid", "image": (io.BytesIO(content), "a.jpg")})

    assert (uploads("accepted", ""), uploads("refused", "photograph-refused")) == (before[0] + 1, before[1] + 1)


def test_a_refused_sign_in_is_counted(client: FlaskClient) -> None:
    name = ("lentigo_sign_in_failures_total", (("endpoint", "auth.sign_in"),))
    before = numbers(client).get(name, 0)

    post(client, "/login", {"email": "ada@clinic.example", "password": "no password of hers"})

    assert numbers(client)[name] == before + 1


def test_states_are_told_as_they_are_now(client: FlaskClient, session: Session, owner: User) -> None:
    batch = Batch(
        author_id=owner.id, clinic_id=owner.clinic_id, model_name="m", naming="one", started_at=now(), due=now()
    )
    session.add(batch)
    session.flush()
    for key, state in enumerate([WAITING, WAITING, DONE]):
        session.add(BatchItem(batch_id=batch.id, key=str(key), name="Ingrid.jpg", state=state))
    session.commit()

    told = numbers(client)

    assert told["lentigo_batch_items", (("state", "waiting"),)] == 2
    assert told["lentigo_batch_items", (("state", "done"),)] == 1
    assert told["lentigo_queue_jobs", ()] == 0
    assert told["lentigo_disk_free_bytes", ()] > 0
    assert told["lentigo_processes", (("role", "web"),)] == 1
    assert ("lentigo_build_info", (("python", platform.python_version()), ("version", "0.1.0"))) in told


def test_what_is_not_answered_in_time_is_left_out_and_counted(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exposition.patience, "_seconds", 0.05)
    questions = dict(QUESTIONS)
    for name, ask in (("stuck", lambda: time.sleep(0.5) or []), ("broken", lambda: [((), 1 / 0)])):
        questions[name] = Question(name, "Never told.", (), ask)
    monkeypatch.setattr(exposition, "QUESTIONS", questions)
    began = time.monotonic()

    told = numbers(client)

    assert time.monotonic() - began < 0.4
    assert not {name for name, _ in told if name in {"lentigo_stuck", "lentigo_broken"}}
    assert told["lentigo_questions_unanswered_total", (("question", "stuck"),)] >= 1
    assert told["lentigo_queue_jobs", ()] == 0
