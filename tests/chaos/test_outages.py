"""What the site stands on is taken away for a while: it says so in a sentence, and goes on by itself afterwards."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

import pytest

from tests.chaos.conftest import Counted
from tests.chaos.counting import promised
from tests.chaos.programs import wait_for
from tests.chaos.scale import SCALE
from tests.chaos.senders import Answered, Clinician, sending
from tests.chaos.sites import Servers, Site
from tests.chaos.time_passes import let_keys_go

IN_MIND = (HTTPStatus.SEE_OTHER, HTTPStatus.CREATED, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.INSUFFICIENT_STORAGE)
pytestmark = pytest.mark.parametrize("site", ["on_servers"], indirect=True)


def test_a_queue_that_is_away_loses_no_work(site: Site, servers: Servers, counted: Counted) -> None:
    with at_work(site) as answered:
        servers.queue.stop(kill=True)
        time.sleep(SCALE.away)
        servers.queue.start()
    found = counted(f"Redis killed for {SCALE.away:g} s", site, answered)

    assert found.flawless
    assert found.refused == found.unanswered == 0  # nobody has to know


def test_a_database_that_is_away_is_said_so_and_come_back_to(site: Site, servers: Servers, counted: Counted) -> None:
    processes = site.web.workers()
    with site.clinician() as looking, at_work(site) as answered:
        servers.database.stop()
        during = looked(looking, SCALE.away)
        servers.database.start()
        wait_for(lambda: looking.look().status_code == HTTPStatus.OK, "the page is shown again")
    found = counted(f"PostgreSQL stopped for {SCALE.away:g} s", site, answered)

    assert during == {HTTPStatus.SERVICE_UNAVAILABLE}
    assert {one.status for one in answered} <= {*IN_MIND}
    assert found.flawless
    assert found.unanswered == 0
    assert site.web.workers() == processes


@pytest.mark.whole
def test_a_database_that_crashes_is_come_back_to(site: Site, servers: Servers, counted: Counted) -> None:
    with at_work(site) as answered:
        servers.database.stop("immediate")
        time.sleep(SCALE.away)
        servers.database.start()
        time.sleep(SCALE.sending / 3)
    found = counted(f"PostgreSQL crashed, gone for {SCALE.away:g} s", site, answered)

    assert {one.status for one in answered} <= {*IN_MIND}
    assert found.flawless


def test_an_object_store_that_is_away_is_said_so_and_come_back_to(
    site: Site, servers: Servers, counted: Counted
) -> None:
    with at_work(site) as answered:
        servers.store.stop()
        time.sleep(SCALE.away)
        servers.store.start()
    found = counted(f"object store stopped for {SCALE.away:g} s", site, answered)

    assert {one.status for one in answered} <= {*IN_MIND}
    assert found.flawless
    assert found.unanswered == 0
    assert found.refused > 0


@contextmanager
def at_work(site: Site) -> Iterator[list[Answered]]:
    """Have a batch worked on, and people send photographs before, meanwhile and after; yield what they are answered."""
    with site.program() as program:
        _, photographs = program.batch(SCALE.others)
    with sending(site.senders(), lambda: let_keys_go(site)) as answered:
        time.sleep(SCALE.sending / 3)
        yield answered
        time.sleep(SCALE.sending / 3)
    answered += promised(photographs)


def looked(looking: Clinician, seconds: float) -> set[int]:
    """Look at a page again and again; return how that was answered."""
    until, seen = time.monotonic() + seconds, set[int]()
    while time.monotonic() < until:
        seen.add(looking.look().status_code)
        time.sleep(0.2)
    return seen
