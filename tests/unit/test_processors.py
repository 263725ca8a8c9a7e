"""Threads of one classification fit what the machine, or a container's limit, grants."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.processors import available_processors, fitted_threads
from config import Settings


@pytest.fixture
def groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with 16 processors."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: set(range(16)), raising=False)
    return tmp_path


def limited(groups: Path, own: str, **files: str) -> int:
    for name, content in files.items():
        file = groups / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    (groups / "own").write_text(own)
    return available_processors(groups, groups / "own")


def test_a_process_may_use_what_it_is_bound_to(groups: Path) -> None:
    assert limited(groups, "0::/\n") == 16
    assert available_processors(groups, groups / "missing") == 16


@pytest.mark.parametrize(
    ("own", "files", "granted"),
    [
        ("0::/\n", {"cpu.max": "200000 100000"}, 2),
        ("0::/\n", {"cpu.max": "max 100000"}, 16),
        ("0::/\n", {"cpu.max": "50000 100000"}, 1),
        ("0::/\n", {"cpu.max": "350000 100000"}, 3),
        ("0::/site/web\n", {"site/cpu.max": "400000 100000", "site/web/cpu.max": "max 100000"}, 4),
        ("0::/../..\n", {"cpu.max": "no numbers"}, 16),
        ("4:cpu,cpuacct:/box\n3:memory:/box\n", {
            "cpu,cpuacct/box/cpu.cfs_quota_us": "600000", "cpu,cpuacct/box/cpu.cfs_period_us": "100000",
        }, 6),
        ("4:cpu:/\n", {"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, 16),
    ],
)  # fmt: skip
def test_a_containers_limit_counts_as_well(groups: Path, own: str, files: dict[str, str], granted: int) -> None:
    assert limited(groups, own, **files) == granted


@pytest.mark.parametrize(
    ("granted", "processes", "threads"),
    [(1, 1, 1), (2, 1, 2), (2, 2, 2), (2, 4, 1), (4, 4, 2), (8, 2, 4), (16, 16, 2), (1, 8, 1)],
)
def test_a_classification_gets_twice_its_processs_share_and_four_at_most(
    granted: int, processes: int, threads: int
) -> None:
    assert fitted_threads(granted, processes) == threads


def test_what_is_set_is_what_is_used() -> None:
    settings = Settings(inference_threads=7)

    assert (settings.threads_of_inference, settings.photographs_at_once) == (7, 7)
    assert 1 <= Settings(web_workers=64).threads_of_inference <= Settings(web_workers=1).threads_of_inference <= 4
