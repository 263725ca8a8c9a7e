"""The load generator plays its day on a small site, and reports what it saw."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.results.tables import Analysis
from load import __main__ as shell
from load import day, run
from load.machine import multiply_adds
from load.processes import Sizes
from load.report import as_json, as_markdown, as_row, verdicts
from load.samples import Kind, Sample, percentile, share_within, times_of
from load.site import Person, Site
from tests.factories import PASSWORD
from tests.serving import served


def test_it_plays_a_day_and_says_what_was_kept(
    app: Flask, owner: User, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "DAWN", 0.0)
    monkeypatch.setattr(run, "MORNING", 0.5)
    monkeypatch.setattr(day, "THINKING", (0.05, 0.2))
    monkeypatch.setattr(day, "PICTURES", 2)
    monkeypatch.setattr(day, "LARGE_SHARE", 0.0)
    with served(app) as address:
        site = Site(urlsplit(address).port or 0, psutil.Process(), (Person(owner.email, PASSWORD, 0),))

        with ThreadPoolExecutor(1) as elsewhere:  # the browser of other tests has a loop in this thread
            ran = elsewhere.submit(lambda: asyncio.run(run.run(site, run.Plan(1.0, 4.0, 0.0, 0.0)))).result()

    kinds = {sample.kind for part in ran.parts for sample in part.samples}
    assert {Kind.UPLOAD, Kind.PAGE, Kind.STATIC, Kind.WHOLE} <= kinds
    assert not [sample for part in ran.parts for sample in part.samples if sample.failed]
    uploads = sum(sample.kind == Kind.UPLOAD for part in ran.parts for sample in part.samples)
    assert session.scalar(select(func.count()).select_from(Analysis)) == uploads + 1  # one before the morning
    assert len(verdicts(ran)) == 3
    assert "| every page |" in as_markdown(ran, {"cores": 2})
    assert [part["name"] for part in as_json(ran, {})["parts"]] == ["morning", "day"]
    assert as_row(ran, {"cores": 2}).startswith("| cores 2 | 4 | ")


def test_what_was_refused_in_order_is_no_failure_and_counts_for_no_time() -> None:
    samples = [
        Sample(Kind.UPLOAD, 0.2, 303),
        Sample(Kind.UPLOAD, 9.0, 503, retry=True),
        Sample(Kind.UPLOAD, 9.0, 503),
        Sample(Kind.UPLOAD, 9.0, 0, error="ConnectionResetError"),
    ]

    times = times_of("upload", samples)

    assert (times.answered, times.refused, times.failed) == (1, 1, 2)
    assert times.longest == pytest.approx(200)


def test_what_was_refused_was_not_answered_in_time() -> None:
    answered = [Sample(Kind.UPLOAD, seconds, 303) for seconds in (0.2, 1.5, 1.6)]
    samples = [*answered, Sample(Kind.UPLOAD, 0.1, 503, retry=True), Sample(Kind.UPLOAD, 0.1, 500)]

    assert share_within(1500, samples) == pytest.approx(2 / 5)
    assert share_within(1500, []) == 0


@pytest.mark.parametrize(("refused", "late", "kept"), [(30, 30, True), (31, 30, False), (0, 61, False), (60, 0, True)])
def test_a_day_is_as_promised_if_enough_of_all_that_came_was_answered_in_time(
    refused: int, late: int, kept: bool
) -> None:
    seconds = [*([0.5] * (1200 - refused - late)), *([2.0] * late)]
    samples = [Sample(Kind.UPLOAD, each, 303) for each in seconds]
    samples += [Sample(Kind.UPLOAD, 0.1, 503, retry=True)] * refused
    parts = [run.Part(name, 12.0, 95.0, samples, {}) for name in ("morning", "day")]
    sizes = [Sizes(0.0, requests, {"web 1": 100.0}) for requests in range(1, 9)]

    assert verdicts(run.Run(parts, sizes))[0].kept is kept


def test_a_day_of_too_few_photographs_is_not_as_promised() -> None:
    samples = [Sample(Kind.UPLOAD, 0.5, 303)] * 1199
    parts = [run.Part(name, 12.0, 100.0, samples, {}) for name in ("morning", "day")]
    sizes = [Sizes(0.0, requests, {"web 1": 100.0}) for requests in range(1, 9)]

    assert not verdicts(run.Run(parts, sizes))[0].kept


def test_the_speed_of_a_core_is_measured_in_thousand_millions() -> None:
    assert 0.5 < multiply_adds() < 5_000


def test_percentiles_are_values_that_were_measured() -> None:
    assert [percentile([1, 2, 3, 4], share) for share in (0.5, 0.95, 1.0)] == [2, 4, 4]
    assert percentile([], 0.5) == 0


def test_a_day_with_other_settings_is_one_line_which_the_next_such_day_replaces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "load.md"
    page.write_text("before\n<!-- others: begin -->\n| a | b |\n| --- | --- |\n\n<!-- others: end -->\nafter\n")
    monkeypatch.setattr(shell, "PAGE", page)
    for rate, answered in ((8.0, 2), (12.0, 3), (8.0, 4)):
        samples = [Sample(Kind.UPLOAD, 0.1, 303) for _ in range(answered)]
        parts = [run.Part(name, rate, 1.0, samples, {"web": 0.5}) for name in ("morning", "day")]
        shell._keep_row(run.Run(parts, []), {"cores": 2})

    assert page.read_text() == (
        "before\n<!-- others: begin -->\n\n| a | b |\n| --- | --- |\n"
        "| cores 2 | 12 | 3.0 | 100.0% | 100 | 0 | 0 | 0 | 0.50 |\n"
        "| cores 2 | 8 | 4.0 | 100.0% | 100 | 0 | 0 | 0 | 0.50 |\n\n"
        "<!-- others: end -->\nafter\n"
    )
