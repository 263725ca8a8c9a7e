"""Where CI is set, a skipped test is a failed one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config import ROOT

SKIPS = """
import pytest

def test_a_tool(): pytest.skip("no such tool")

def test_it_runs(): pass

@pytest.mark.xfail(strict=True)
def test_known(): assert False
"""
PHOTOGRAPHS = """
import pytest

@pytest.mark.photographs
def test_photographs(): pytest.skip("no photographs")
"""
WHOLE_MODULE = """
import pytest

pytest.importorskip("there_is_no_such_package", exc_type=ImportError)
"""


def outcome(folder: Path, text: str, ci: str) -> str:
    """Run a file of tests in a process of its own; return what pytest says at its end."""
    (folder / "test_it.py").write_text(text)
    (folder / "tests").mkdir()
    (folder / "tests" / "__init__.py").touch()
    (folder / "tests" / "no_silent_skips.py").write_text((ROOT / "tests" / "no_silent_skips.py").read_text())
    (folder / "pytest.ini").write_text("[pytest]\nmarkers = photographs\n")
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.no_silent_skips", "-p", "no:cacheprovider", "test_it.py"],
        cwd=folder, env={**os.environ, "CI": ci}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return result.stdout


def test_a_skipped_test_fails_there(tmp_path: Path) -> None:
    said = outcome(tmp_path, SKIPS, "true")

    assert "1 failed, 1 passed, 1 xfailed" in said
    assert "CI skips nothing" in said


def test_it_may_be_skipped_elsewhere(tmp_path: Path) -> None:
    assert "1 passed, 1 skipped, 1 xfailed" in outcome(tmp_path, SKIPS, "")


def test_a_skipped_module_fails_there(tmp_path: Path) -> None:
    assert "1 error" in outcome(tmp_path, WHOLE_MODULE, "true")


def test_photographs_that_are_not_there_are_named_at_the_end(tmp_path: Path) -> None:
    said = outcome(tmp_path, PHOTOGRAPHS, "true")

    assert "Real photographs are not there: 1 tests of them were not run." in said
    assert "1 skipped" in said


@pytest.mark.parametrize("ci", ["", "true"])
def test_photographs_that_are_there_are_used(tmp_path: Path, ci: str) -> None:
    (tmp_path / "shared" / "data").mkdir(parents=True)
    repository = tmp_path / "repository"
    repository.mkdir()

    said = outcome(repository, PHOTOGRAPHS, ci)

    assert ("1 failed" if ci else "1 skipped") in said
