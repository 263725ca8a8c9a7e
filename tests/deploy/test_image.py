"""The image: what goes in, what stays out, and that all of it is there."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType

import pytest

from config import ROOT


@pytest.fixture
def image(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """Give the program that builds images without an engine."""
    monkeypatch.syspath_prepend(str(ROOT / ".ci"))
    yield import_module("image")
    for name in ("image", "machines"):
        sys.modules.pop(name, None)


def said(image: ModuleType) -> list[tuple[str, str]]:
    return list(image.instructions((ROOT / "Dockerfile").read_text()))


def copied(image: ModuleType) -> list[str]:
    words = [shlex.split(text) for name, text in said(image) if name == "COPY"]
    return [path for line in words if not line[0].startswith("--from") for path in line[:-1]]


def test_everything_that_is_copied_is_there_and_not_left_out(image: ModuleType) -> None:
    paths = copied(image)

    assert {"app", "models", "migrations", "static", "templates", "config.py", "wsgi.py"} <= set(paths)
    assert [path for path in paths if not (ROOT / path).exists()] == []
    assert [path for path in paths if image.is_ignored(path, image.rules())] == []


@pytest.mark.parametrize(
    "path",
    [".env", ".git/config", "instance/lentigo.sqlite3", "tests/conftest.py", "deploy/compose/secrets/postgres_password",
     "app/__pycache__/x.pyc", "app/.env", "models/weights/.hidden", "requirements.txt", "docs/deploy.md"],
)  # fmt: skip
def test_what_does_not_belong_into_an_image_is_left_out(image: ModuleType, path: str) -> None:
    assert image.is_ignored(path, image.rules())


def test_it_runs_as_nobody_in_particular_behind_a_first_process_that_hands_signals_on(image: ModuleType) -> None:
    last = dict(said(image))

    assert last["USER"] == "10001:10001"
    assert last["STOPSIGNAL"] == "SIGTERM"
    assert last["ENTRYPOINT"].startswith('["/usr/bin/tini"')
    assert "/readyz" in last["HEALTHCHECK"]
    assert not [text for name, text in said(image) if name == "ADD" or ("ENV" in name and "KEY" in text)]


def test_packages_are_installed_by_their_hashes_and_nothing_of_training_is(image: ModuleType) -> None:
    runs = " ".join(text for name, text in said(image) if name == "RUN")

    assert "--require-hashes" in runs
    assert "requirements-server.txt" in runs
    assert "requirements.txt" not in runs
