"""What the commands of a newcomer do before Python has anything installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from config import ROOT

# stands in for Python: makes an environment of itself, notes what pip is asked for, and computes like the real one
PYTHON = f"""#!/bin/sh
case "$1 $2" in
"-m venv") mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
"-m pip") echo "$@" >> asked ;;
-c*) exec {sys.executable} -c "import sys; sys.version_info = ($VERSION, 1); sys.version = '$VERSION.1'; $2" ;;
esac
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with what the Makefile looks at."""
    for name in ("Makefile", "requirements.txt", "requirements-serve.txt"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "python").write_text(PYTHON)
    (tmp_path / "python").chmod(0o755)
    return tmp_path


def make(clone: Path, target: str, *, version: str = "3, 12", python: str = "./python") -> tuple[int, str]:
    """Make a target with a stand-in of a version; return the status and all that was said."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    result = subprocess.run(
        ["make", target, f"PYTHON={python}"],
        cwd=clone, env={**outside, "VERSION": version}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return result.returncode, result.stdout + result.stderr


def installations(clone: Path) -> list[str]:
    return [line.rpartition(" ")[2] for line in (clone / "asked").read_text().splitlines()]


def test_serving_installs_no_more_than_serving_needs(clone: Path) -> None:
    make(clone, ".venv/.serve")

    assert installations(clone) == ["requirements-serve.txt"]


def test_nothing_is_installed_twice(clone: Path) -> None:
    make(clone, ".venv/.serve")
    make(clone, ".venv/.serve")

    assert installations(clone) == ["requirements-serve.txt"]


def test_a_changed_file_is_installed_again(clone: Path) -> None:
    make(clone, ".venv/.serve")
    later = time.time() + 10
    os.utime(clone / "requirements-serve.txt", (later, later))

    make(clone, ".venv/.serve")

    assert installations(clone) == ["requirements-serve.txt", "requirements-serve.txt"]


def test_who_has_everything_can_serve_too(clone: Path) -> None:
    make(clone, ".venv/.all")
    make(clone, ".venv/.serve")

    assert installations(clone) == ["requirements.txt"]


def test_an_old_python_is_refused_in_a_sentence(clone: Path) -> None:
    status, said = make(clone, ".venv/.serve", version="3, 9")

    assert status != 0
    assert "Python 3.11 or newer is needed" in said
    assert not (clone / ".venv").exists()


def test_a_missing_python_is_said_in_a_sentence(clone: Path) -> None:
    status, said = make(clone, ".venv/.serve", python="python-that-is-not-there")

    assert status != 0
    assert "There is no python-that-is-not-there: install Python 3.11 or newer" in said


def test_a_python_that_is_too_new_for_training_still_serves(clone: Path) -> None:
    served, _ = make(clone, ".venv/.serve", version="3, 14")
    everything, said = make(clone, ".venv/.all", version="3, 14")

    assert (served, everything != 0) == (0, True)
    assert "TensorFlow has no packages for Python 3.14" in said
