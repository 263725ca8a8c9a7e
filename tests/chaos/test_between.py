"""A process is killed at the worst moment: between two things that belong together."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from app.results.tables import Analysis
from tests.chaos.conftest import Counted
from tests.chaos.counting import promised
from tests.chaos.holding import forget_jobs, held_queue, kill_before_commit
from tests.chaos.programs import wait_for
from tests.chaos.scale import SCALE, on
from tests.chaos.senders import sending
from tests.chaos.sites import Site


@on("on_sqlite")
def test_a_web_process_killed_between_storage_and_commit_leaves_nothing(site: Site, counted: Counted) -> None:
    with sending([site.clinician()]) as answered:
        left = kill_before_commit(site, site.web.workers)
    found = counted("web process killed between storage and commit", site, answered)

    assert left
    assert found.unanswered > 0
    assert found.flawless


@on("on_servers")
def test_a_web_process_killed_between_commit_and_job_has_the_job_done_all_the_same(
    site: Site, counted: Counted
) -> None:
    before = how_many(site)

    with site.clinician() as clinician, ThreadPoolExecutor(1) as threads, held_queue(site):
        cut_off = threads.submit(clinician.send)
        wait_for(lambda: how_many(site) == before + 1, "the test is committed")
        for process in site.web.workers():
            process.kill()
    found = counted("web process killed between commit and job", site, [cut_off.result()])

    assert cut_off.result().status is None
    assert how_many(site) == before + 1
    assert found.flawless


@pytest.mark.whole
@on("on_servers")
def test_a_worker_killed_between_its_files_and_its_commit_does_the_photograph_once(
    site: Site, counted: Counted
) -> None:
    with site.program() as program:
        _, photographs = program.batch(SCALE.others)
    left = kill_before_commit(site, lambda: site.worker.family()[:1])
    found = counted("worker killed between files and commit", site, promised(photographs))

    assert left
    assert found.flawless
    assert found.accepted == SCALE.others


@on("on_sqlite")
def test_jobs_that_are_all_lost_are_done_again(site: Site, counted: Counted) -> None:
    site.worker.stop()
    with site.program() as program:
        _, photographs = program.batch(SCALE.others)
        single = [program.send() for _ in range(5)]

    forget_jobs(site)
    found = counted("every message of the queue lost", site, [*promised(photographs), *single])

    assert found.flawless
    assert found.accepted == SCALE.others + 5


def how_many(site: Site) -> int:
    """Count the tests."""
    with site.session() as session:
        return session.scalar(select(func.count(Analysis.id))) or 0
