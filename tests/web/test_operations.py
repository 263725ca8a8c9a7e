"""The pages that load balancers ask: open to everyone, and silent about the reasons."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import downgrade, upgrade
from werkzeug.test import TestResponse

from app.factory import create_app
from app.keys.sources import new_master_key
from app.operations import checks
from config import Settings
from models.card import NETWORK, sha256, write_card
from models.prediction import Prediction
from tests.fakes import CARD, FakeClassifier, FakeClassifiers


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A folder of weights whose card vouches for them."""
    folder = tmp_path / "weights" / CARD.name
    folder.mkdir(parents=True)
    (folder / NETWORK).write_bytes(b"a network")
    write_card(folder, replace(CARD, files={NETWORK: sha256(b"a network")}))
    return folder


@pytest.fixture
def settings(tmp_path: Path, weights: Path) -> Settings:
    return Settings(environment="testing", instance=tmp_path / "instance", weights=weights.parent)


@pytest.fixture
def app(settings: Settings) -> Flask:
    app = create_app(settings, FakeClassifiers())
    with app.app_context():
        upgrade()
    return app


def eventually(condition: Callable[[], bool]) -> None:
    """Wait until something is so; AssertionError if it never is."""
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def failed(response: TestResponse) -> list[str]:
    """Name the checks that failed."""
    return [name for name, result in response.get_json()["checks"].items() if result != "ok"]


def test_a_living_process_says_so(client: FlaskClient) -> None:
    response = client.get("/healthz")

    assert (response.status_code, response.get_json()) == (200, {"status": "ok"})


def test_a_site_with_everything_in_place_is_ready(client: FlaskClient) -> None:
    response = client.get("/readyz")

    assert response.status_code == 200
    assert response.get_json() == {
        "status": "ok",
        "checks": {"classifier": "ok", "database": "ok", "keys": "ok", "queue": "ok", "storage": "ok"},
    }


def test_a_database_behind_its_migrations_is_not_ready(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        downgrade(revision="base")

    response = client.get("/readyz")

    assert (response.status_code, failed(response)) == (503, ["database", "keys"])


def test_a_database_without_tables_is_not_ready(settings: Settings) -> None:
    client = create_app(settings, FakeClassifiers()).test_client()

    response = client.get("/readyz")

    assert (response.status_code, failed(response)) == (503, ["database", "keys"])


def test_a_site_with_another_master_key_than_its_database_is_not_ready(settings: Settings, app: Flask) -> None:
    settings.master_key_path.write_text(new_master_key())
    client = create_app(settings, FakeClassifiers()).test_client()

    response = client.get("/readyz")

    assert (response.status_code, failed(response)) == (503, ["keys"])


def test_storage_that_is_gone_is_not_ready(client: FlaskClient, settings: Settings) -> None:
    settings.files.rename(settings.files.with_name("elsewhere"))

    response = client.get("/readyz")

    assert (response.status_code, failed(response)) == (503, ["storage"])


def test_a_damaged_queue_is_not_ready(settings: Settings) -> None:
    settings.instance.mkdir()
    settings.queue.write_bytes(b"no database at all" * 100)
    app = create_app(settings.model_copy(update={"environment": "local"}), FakeClassifiers())

    response = app.test_client().get("/readyz")

    assert "queue" in failed(response)


@pytest.mark.parametrize("damage", ["missing", "other bytes", "no card", "a card that is no JSON"])
def test_a_classifier_that_is_not_that_of_its_card_is_not_ready(
    client: FlaskClient, weights: Path, damage: str
) -> None:
    client.get("/readyz")
    match damage:
        case "missing":
            (weights / NETWORK).unlink()
        case "other bytes":
            (weights / NETWORK).write_bytes(b"another network")
        case "no card":
            (weights / "card.json").unlink()
        case _:
            (weights / "card.json").write_text("{")

    response = client.get("/readyz")

    assert (response.status_code, failed(response)) == (503, ["classifier"])


def test_a_mended_classifier_is_ready_again(client: FlaskClient, weights: Path) -> None:
    (weights / NETWORK).write_bytes(b"another network")
    client.get("/readyz")
    (weights / NETWORK).write_bytes(b"a network")

    response = client.get("/readyz")

    assert response.status_code == 200


def test_a_database_that_says_nothing_is_not_ready_and_does_not_hold_the_answer_up(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, silence = [], threading.Event()
    stuck = {**checks.CHECKS, "database": lambda: asked.append(1) or silence.wait(5)}
    monkeypatch.setattr(checks, "CHECKS", stuck)
    monkeypatch.setattr(checks.patience, "_seconds", 0.2)
    began = time.monotonic()

    answers = [client.get("/readyz") for _ in range(3)]

    silence.set()
    assert [(answer.status_code, failed(answer)) for answer in answers] == [(503, ["database"])] * 3
    assert time.monotonic() - began < 2
    assert len(asked) == 1  # however often it is asked, one thread waits


def test_a_process_that_is_to_stop_is_not_ready(client: FlaskClient, app: Flask) -> None:
    app.extensions["live"].stopping = lambda: True

    response = client.get("/readyz")

    assert (response.status_code, response.get_json()) == (503, {"status": "stopping", "checks": {}})


def test_a_process_is_ready_once_its_classifier_has_answered_and_not_before(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, go_on = threading.Event(), threading.Event()
    answer = FakeClassifier.predict

    def slowly(*arguments: Any) -> Prediction:
        asked.set()
        go_on.wait(5)
        return answer(*arguments)

    monkeypatch.setattr(FakeClassifier, "predict", slowly)
    warming = app.extensions["warming"]

    warming.start()
    asked.wait(5)
    loading = client.get("/readyz")
    go_on.set()
    eventually(lambda: not warming.under_way)

    assert (loading.status_code, failed(loading)) == (503, ["classifier"])
    assert client.get("/readyz").status_code == 200


def test_a_classifier_that_cannot_be_loaded_leaves_no_process_loading_for_ever(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"default_model": "no-such-model"}), FakeClassifiers())
    warming = app.extensions["warming"]

    warming.start()

    eventually(lambda: not warming.under_way)


def test_the_answer_tells_nothing_of_the_inside(client: FlaskClient, weights: Path, settings: Settings) -> None:
    (weights / NETWORK).unlink()

    answer = json.dumps(client.get("/readyz").get_json())

    assert str(settings.instance) not in answer
    assert NETWORK not in answer
    assert set(json.loads(answer)["checks"].values()) == {"ok", "failed"}
