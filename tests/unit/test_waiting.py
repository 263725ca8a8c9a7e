"""Whether photographs wait on this machine: said by some processes, asked by another."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from app.waiting import Waiting

TELLING = """
import pathlib, sys
from app.waiting import Waiting
waiting = Waiting(pathlib.Path(sys.argv[1]))
waiting.tell(True)
print("told", flush=True)
sys.stdin.read()
"""


def test_it_is_known_while_any_of_those_who_tell_has_some_waiting(tmp_path: Path) -> None:
    first, second, asking = Waiting(tmp_path), Waiting(tmp_path), Waiting(tmp_path)
    before = asking.nobody()

    first.tell(True)
    second.tell(True)
    both = asking.nobody()
    first.tell(False)
    one = asking.nobody()
    second.tell(False)

    assert (before, both, one, asking.nobody()) == (True, False, False, True)


def test_a_process_that_dies_keeps_nobody_waiting(tmp_path: Path) -> None:
    asking = Waiting(tmp_path)
    telling = [sys.executable, "-c", TELLING, str(tmp_path)]
    with subprocess.Popen(telling, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        other.stdout.readline()
        while_it_lives = asking.nobody()
        other.kill()

    assert not while_it_lives
    assert asking.nobody()


def test_a_folder_that_is_not_there_lets_nobody_wait(tmp_path: Path) -> None:
    nowhere = Waiting(tmp_path / "missing")

    nowhere.tell(True)

    assert nowhere.nobody()
