"""The disk is full, of database, files and queue at once: that is said, nothing is half there, and it goes on."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest

from tests.chaos.conftest import Counted, with_database
from tests.chaos.counting import promised
from tests.chaos.scale import SCALE
from tests.chaos.senders import sending
from tests.chaos.sites import Site, site_on
from tests.chaos.time_passes import let_keys_go

MEGABYTES = 48
SAID = (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.INSUFFICIENT_STORAGE)
KEPT = (HTTPStatus.SEE_OTHER, HTTPStatus.CREATED)


@pytest.fixture
def on_a_small_disk(tmp_path: Path, _empty_database: Path) -> Iterator[Site]:
    """A site the instance folder of which is a disk of its own, in memory; only root may make one."""
    folder = tmp_path / "instance"
    folder.mkdir(mode=0o700)
    if os.geteuid() != 0:
        pytest.skip("only root may mount a disk")
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m,mode=700", "tmpfs", folder], check=True)
    try:
        with_database(folder, _empty_database)
        site = site_on(folder)
        yield site.started()
        site.end()
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def test_a_full_disk_is_said_so_and_leaves_nothing_half_done(on_a_small_disk: Site, counted: Counted) -> None:
    site = on_a_small_disk
    with site.program() as program:
        _, photographs = program.batch(SCALE.others)

    with sending(site.senders(), lambda: let_keys_go(site)) as answered:
        time.sleep(SCALE.sending / 3)
        ballast = filled(site.settings.instance)
        time.sleep(SCALE.away)
        during = len(answered)
        ballast.unlink()
        time.sleep(SCALE.sending)
    found = counted(f"disk full for {SCALE.away:g} s", site, [*answered, *promised(photographs)])

    assert {one.status for one in answered} <= {*SAID, *KEPT}
    assert found.refused > 0
    assert any(one.accepted for one in answered[during:])
    assert found.flawless


def filled(folder: Path) -> Path:
    """Fill the disk of a folder with a file, which is returned."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue
    return ballast
