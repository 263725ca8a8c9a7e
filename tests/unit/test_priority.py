"""The worker goes behind the web server, and its threads wait for each other for moments only."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import os
from pathlib import Path
from app.priority import yield_to_others
before = os.nice(0)
yield_to_others()
print(os.nice(0) - before, Path("/proc/self/autogroup").read_text() if Path("/proc/self/autogroup").exists() else "")
"""


def test_it_goes_behind_others_and_its_session_too() -> None:
    said = subprocess.run(
        [sys.executable, "-c", SCRIPT], check=True, capture_output=True, text=True, start_new_session=True
    ).stdout.split()

    assert int(said[0]) > 0  # of what is behind already, no more than to the last
    assert said[1:] == [] or said[-1] == "10"


def test_its_threads_let_each_other_go_on_more_often_than_python_does() -> None:
    script = "import sys; from app.priority import take_turns_often; print(sys.getswitchinterval()); take_turns_often()"
    said = subprocess.run(
        [sys.executable, "-c", f"{script}; print(sys.getswitchinterval())"], check=True, capture_output=True, text=True
    ).stdout.split()

    before, after = map(float, said)
    assert after <= before / 10
