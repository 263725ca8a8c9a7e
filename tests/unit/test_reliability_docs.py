"""The page about reliability speaks of every job, with its period, and of a job that finds again what is lost."""

from __future__ import annotations

import re

import app.factory  # noqa: F401 - it makes all jobs known
from app.jobs.registry import JOBS
from config import ROOT

ROW = re.compile(r"^\| `(app\.[\w.]+)` \| (?:(\d+) min)? ?\| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
ITSELF = "the next one does the same"


def test_every_job_has_its_row_and_every_row_its_job() -> None:
    rows = {name: period for name, period, *_ in _rows()}

    jobs = {name: str(job.minutes or "") for name, job in JOBS.items() if name.startswith("app.")}
    assert rows == jobs


def test_a_job_that_may_be_lost_is_found_again_by_one_that_the_clock_runs() -> None:
    for name, period, found_by, _ in _rows():
        finder = name if found_by == ITSELF else found_by.strip("`")
        assert JOBS[finder].minutes is not None, name
        assert (found_by == ITSELF) == bool(period), name


def _rows() -> list[tuple[str, str, str, str]]:
    return ROW.findall((ROOT / "docs" / "reliability.md").read_text())
