"""Numbers of many processes: each counts for itself, they are told together, and none is lost when a process is."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.metrics import REQUEST_SECONDS, REQUESTS
from app.metrics.measures import REGISTRY
from app.metrics.requests import Counted
from app.metrics.sharing import together
from config import ROOT

COUNTING = """
import os, sys, time
from pathlib import Path
from app.metrics import JOB_LAST_DONE, UPLOADS
from app.metrics.sharing import share
folder = Path(sys.argv[1])
UPLOADS.labels("accepted", "").inc(2)  # before it is shared
share(folder, "web")
UPLOADS.labels("accepted", "").inc(5)
JOB_LAST_DONE.labels("sweep").set(float(sys.argv[2]))
if os.fork() == 0:  # counts for itself, and has not shared anything
    UPLOADS.labels("accepted", "").inc(100)
    os._exit(0)
os.wait()
print("counted", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "metrics"


def counting(folder: Path, done: float) -> subprocess.Popen[str]:
    """Start a process that counts seven uploads, and wait until it has."""
    program = [sys.executable, "-c", COUNTING, str(folder), str(done)]
    process = subprocess.Popen(program, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "counted\n"
    return process


def kill(*processes: subprocess.Popen[str]) -> None:
    for process in processes:
        process.kill()
        process.communicate()


def told(folder: Path, name: str) -> float:
    return sum(
        sample.value for metric in together(folder)[0] for sample in metric.samples if sample.name == f"lentigo_{name}"
    )


def test_processes_are_told_together_and_what_the_dead_have_counted_stays(folder: Path) -> None:
    first, second = counting(folder, 10), counting(folder, 30)
    both, living = told(folder, "uploads_total"), together(folder)[1]
    first.kill()
    first.wait()
    third = counting(folder, 20)

    assert both == 14
    assert sorted(process.pid for process in living) == sorted([first.pid, second.pid])
    assert told(folder, "uploads_total") == 21
    assert told(folder, "job_last_done_timestamp_seconds") == 30
    assert sorted(process.pid for process in together(folder)[1]) == sorted([second.pid, third.pid])
    assert len(list(folder.glob("*.lock"))) == 2
    kill(first, second, third)


def test_a_site_that_starts_begins_at_nothing(folder: Path) -> None:
    kill(counting(folder, 10))

    again = counting(folder, 20)

    assert told(folder, "uploads_total") == 7
    kill(again)


def test_the_folder_is_for_its_owner_alone(folder: Path) -> None:
    process = counting(folder, 10)

    assert folder.stat().st_mode & 0o777 == 0o700
    kill(process)


@pytest.mark.parametrize("name", ["Ingrid Sørensen", "GET", "ingrid@clinic.example"])
def test_whatever_is_typed_makes_no_new_series(name: str) -> None:
    counted = Counted(lambda _environ, start: [start("404 NOT FOUND", []) or b""])  # type: ignore[list-item]

    for number in range(3):
        counted({"REQUEST_METHOD": name, "PATH_INFO": f"/{name}/{number}"}, lambda *_: lambda _: None)

    method = name if name == "GET" else "other"
    labels = {"endpoint": "none", "method": method, "status": "404"}
    assert (REGISTRY.get_sample_value("lentigo_requests_total", labels) or 0) >= 3
    made = {values[:2] for values in REQUESTS._metrics if values[0] == "none"}
    assert made <= {("none", "GET"), ("none", "PUT"), ("none", "other")}


def test_a_site_that_breaks_off_is_counted_as_an_error() -> None:
    def site(_environ: object, _start: object) -> list[bytes]:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        Counted(site)({"REQUEST_METHOD": "PUT"}, lambda *_: lambda _: None)

    assert REGISTRY.get_sample_value(
        "lentigo_requests_total", {"endpoint": "none", "method": "PUT", "status": "500"}
    ) == 1  # fmt: skip


def test_counting_costs_a_request_less_than_a_fifth_of_a_millisecond() -> None:
    began, times = time.process_time(), 2000

    for _ in range(times):
        REQUESTS.labels("results.show", "GET", "200").inc()
        REQUEST_SECONDS.labels("results.show", "GET").observe(0.03)

    assert (time.process_time() - began) / times < 0.0002
