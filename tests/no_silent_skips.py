"""Plugin of pytest: where CI is set, a skipped test is a failed one.

Only tests marked `photographs` may be skipped, and only where the real photographs are not there.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path

import pytest

PHOTOGRAPHS = Path(__file__).parents[2] / "shared" / "data"
NOTHING_IS_SKIPPED = bool(os.environ.get("CI"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if NOTHING_IS_SKIPPED and report.skipped and not hasattr(report, "wasxfail") and not may_be_skipped(item):
        fail(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if NOTHING_IS_SKIPPED and report.skipped:
        fail(report)
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = len(terminalreporter.stats.get("skipped", []))
    if NOTHING_IS_SKIPPED and skipped:
        terminalreporter.write_line(f"Real photographs are not there: {skipped} tests of them were not run.")


def may_be_skipped(item: pytest.Item) -> bool:
    return item.get_closest_marker("photographs") is not None and not PHOTOGRAPHS.is_dir()


def fail(report: pytest.TestReport | pytest.CollectReport) -> None:
    report.outcome = "failed"
    report.longrepr = f"{report.nodeid} was skipped, and CI skips nothing: {report.longrepr}"
