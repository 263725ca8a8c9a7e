"""Plugin of pytest: a test in which something would have left this machine has failed, whoever swallowed the error."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.quarantine import sitecustomize

FOLDER = Path(sitecustomize.__file__).parent
_listeners: list[list[str]] = []


def pytest_configure() -> None:
    """Have all processes that tests start be kept on this machine as well, and write where this one does."""
    handle, path = tempfile.mkstemp(prefix="lentigo-outside-")
    os.close(handle)
    os.environ[sitecustomize.WRITTEN_TO] = path
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(FOLDER), os.environ.get("PYTHONPATH")]))


def pytest_unconfigure() -> None:
    written().unlink(missing_ok=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    attempts = taken()
    if attempts and report.outcome != "failed":
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} would have left this machine: {', '.join(attempts)}"
    return report


@contextmanager
def connections() -> Iterator[list[str]]:
    """Collect what this process connects to meanwhile, on this machine as well, but for its own children."""
    seen: list[str] = []
    _listeners.append(seen)
    yield seen
    _listeners.remove(seen)


def _hear(event: str, arguments: tuple[object, ...]) -> None:
    if _listeners and event in sitecustomize.PLACES:
        address = arguments[sitecustomize.PLACES[event]]
        if not sitecustomize.is_a_file(address):
            for seen in _listeners:
                seen.append(f"{event} {address}")


sys.addaudithook(_hear)


def taken() -> list[str]:
    """Return what would have left this machine since this was asked before."""
    path = written()
    lines = path.read_text().splitlines() if path.stat().st_size else []
    if lines:
        path.write_text("")
    return lines


def written() -> Path:
    """Return the file in which all processes write down what they refused."""
    return Path(os.environ[sitecustomize.WRITTEN_TO])
