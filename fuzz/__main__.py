"""Fuzz every target for its share of the time; say what was done, and 1 if anything was found."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import time
from pathlib import Path

FINDINGS = Path("tests") / "findings"
NAMES = ("photographs", "dicom", "archives", "sheets", "messages", "walks")
EXECUTED = re.compile(r"number_of_executed_units: (\d+)")
LAST_WORDS = 3000  # characters


def main() -> int:
    """Run the targets one after the other, each in a process of its own."""
    parser = argparse.ArgumentParser(prog="make fuzz")
    parser.add_argument("--seconds", type=float, default=0, help="in all")
    parser.add_argument("--minutes", type=float, default=10, help="in all, where no seconds are given")
    parser.add_argument("targets", nargs="*", help=f"of {', '.join(NAMES)}; all if none is given")
    chosen = parser.parse_args()
    targets = chosen.targets or NAMES
    share = max(1, round((chosen.seconds or 60 * chosen.minutes) / len(targets)))
    FINDINGS.mkdir(exist_ok=True)
    found = [_found(target, share) for target in targets]
    return int(any(found))


def _found(target: str, seconds: int) -> bool:
    """Fuzz one target, print a line, and tell whether something was found."""
    command, began = [sys.executable, "-m", "fuzz.one", target, str(seconds), str(FINDINGS)], time.monotonic()
    run = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    said = run.stderr.decode(errors="replace")
    count, took = sum(map(int, EXECUTED.findall(said))), time.monotonic() - began
    failed = run.returncode != 0 or not count
    verdict = f"FAILED (exit status {run.returncode}); see {FINDINGS}" if failed else "nothing found"
    print(f"{target:12} {count:9,} executions {took:6.0f} s  {verdict}", flush=True)
    if failed:
        print(said[-LAST_WORDS:])
    return failed


if __name__ == "__main__":
    sys.exit(main())
