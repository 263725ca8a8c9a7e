"""The shipped classifier answers the same wherever it is asked: site, interface, command line, evaluation."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.results.tables import Analysis
from models.evaluation.predictions import predict_photographs
from models.registry import Registry
from models.training.splits import Photograph
from tests.api.conftest import Program
from tests.api.photographs import send
from tests.factories import csrf_token, make_token, make_user, send_whole, sign_in
from tests.pictures import jpeg, lesion_picture, png

ROOT = Path(__file__).parents[2]
NAME = "mobilenetv2-ham7"
TOLERANCE = 1e-5


def turned() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright
    return jpeg(lesion_picture(seed=2), exif=exif.tobytes())


GOLDEN: dict[str, Callable[[], bytes]] = {
    "a JPEG of the usual shape": lambda: jpeg(lesion_picture(seed=1)),
    "a PNG": lambda: png(lesion_picture(seed=3, size=(224, 224))),
    "a picture that was turned by its camera": turned,
    "a large photograph": lambda: jpeg(lesion_picture(seed=4, size=(2600, 1900))),
    "a transparent PNG": lambda: png(lesion_picture(seed=5).convert("RGBA")),
    "a grey PNG": lambda: png(lesion_picture(seed=6).convert("L")),
}


@pytest.fixture
def classifiers() -> Registry:  # type: ignore[override]  # the real ones, in place of the fakes
    return Registry(ROOT / "models" / "weights")


@pytest.mark.parametrize("picture", GOLDEN.values(), ids=GOLDEN.keys())
def test_a_golden_picture_has_one_answer(
    picture: Callable[[], bytes], client: FlaskClient, session: Session, app: Flask, tmp_path: Path
) -> None:
    content = picture()
    person = make_user(session)
    sign_in(client, person)

    by_site = uploaded(client, session, content)

    np.testing.assert_allclose(by_command_line(content, tmp_path), by_site, atol=TOLERANCE)
    np.testing.assert_allclose(by_evaluation(app, session, tmp_path), by_site, atol=TOLERANCE)
    np.testing.assert_allclose(by_program(app, session, person, content), by_site, atol=TOLERANCE)


def uploaded(client: FlaskClient, session: Session, content: bytes) -> list[float]:
    response = send_whole(client, csrf_token(client.get("/prediction").text), content)
    assert response.status_code == 303
    session.expire_all()
    return list(session.scalars(select(Analysis)).one().probabilities.values())


def by_program(app: Flask, session: Session, person: User, content: bytes) -> list[float]:
    answer = send(Program(app.test_client(), make_token(session, person)), content, query="?include=scores").json
    return list((answer["probabilities"] or answer["scores"]).values())  # a drawn lesion may be refused


def by_command_line(content: bytes, folder: Path) -> list[float]:
    path = folder / "lesion"
    path.write_bytes(content)
    command = [sys.executable, "-m", "models", "predict", "--json", str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return list(json.loads(done.stdout)["probabilities"].values())


def by_evaluation(app: Flask, session: Session, folder: Path) -> list[float]:
    """Measure the kept photograph as `python -m models evaluate` measures its test photographs."""
    kept = app.extensions["storage"].get(session.scalars(select(Analysis)).one().photograph_key)
    (folder / "golden.jpg").write_bytes(kept)
    classifier = Registry(ROOT / "models" / "weights")[NAME]
    photograph = Photograph("golden", "golden", "nv", "test")
    predictions, _ = predict_photographs(classifier, [photograph], folder, "golden")
    return list(predictions.sample.probabilities[0])
