"""Web server and worker are killed, as a crash, or a system without memory, kills them."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import func, select

from app.batches.tables import DONE, Batch, BatchItem
from tests.chaos.conftest import Counted
from tests.chaos.counting import promised
from tests.chaos.programs import wait_for
from tests.chaos.scale import SCALE, WHOLE, on
from tests.chaos.senders import Answered, sending
from tests.chaos.sites import Site
from tests.chaos.time_passes import let_keys_go, minutes_pass, settle


def done(site: Site, batch: str) -> int:
    """Count the photographs of a batch that have become tests."""
    with site.session() as session:
        of_batch = select(func.count(BatchItem.id)).join(Batch, Batch.id == BatchItem.batch_id)
        return session.scalar(of_batch.where(Batch.public_id == batch, BatchItem.state == DONE)) or 0


@pytest.mark.parametrize("site", ["on_sqlite"], indirect=True)
def test_a_worker_that_is_killed_in_the_middle_of_a_batch_loses_none(site: Site, counted: Counted) -> None:
    sent: list[Answered] = []
    killed_at = []

    for turn in range(SCALE.rounds):
        with site.program() as program:
            batch, photographs = program.batch(SCALE.photographs)
        wanted = SCALE.photographs * (turn + 1) // (SCALE.rounds + 2)
        wait_for(lambda batch=batch, wanted=wanted: done(site, batch) > wanted, "the batch is under way", 300)
        site.worker.kill()
        killed_at.append(done(site, batch))
        sent += promised(photographs)
        site.worker.start()
        settle(site)
    found = counted(f"worker killed in a batch of {SCALE.photographs}, {SCALE.rounds} times", site, sent)

    assert all(0 < at < SCALE.photographs for at in killed_at)
    assert found.flawless
    assert found.accepted == SCALE.rounds * SCALE.photographs


@pytest.mark.whole
@pytest.mark.parametrize("site", ["on_servers"], indirect=True)
def test_a_worker_that_is_killed_again_and_again_in_one_batch_loses_none(site: Site, counted: Counted) -> None:
    with site.program() as program:
        batch, photographs = program.batch(SCALE.photographs)

    for turn in range(1, SCALE.rounds + 1):
        wanted = SCALE.photographs * turn // (SCALE.rounds + 2)
        wait_for(lambda wanted=wanted: done(site, batch) > wanted, "the batch is under way", 300)
        site.worker.kill()
        site.worker.start()
        minutes_pass(site)
    found = counted(
        f"worker killed {SCALE.rounds} times in one batch of {SCALE.photographs}", site, promised(photographs)
    )

    assert found.flawless
    assert found.accepted == SCALE.photographs


@on("on_servers")
def test_a_web_server_that_is_killed_during_uploads_loses_none(site: Site, counted: Counted) -> None:
    with sending(site.senders(), lambda: let_keys_go(site)) as answered:
        time.sleep(SCALE.sending / 3)
        for process in site.web.workers():
            process.kill()
        time.sleep(SCALE.sending / 3)
        site.web.kill(everything=not WHOLE)  # the processes of a master that is gone answer what they have, for seconds
        site.web.start()
        time.sleep(SCALE.sending / 3)
    found = counted("web server killed during uploads: its processes, then the master", site, answered)

    assert found.flawless
    assert found.accepted > 0
    assert found.unanswered > 0
