"""Fuzz one target for so many seconds: ``python -m fuzz.one TARGET SECONDS FOLDER``; what is found is left there."""

from __future__ import annotations

import hashlib
import logging
import random
import sys
import tempfile
import time
from pathlib import Path

import psutil

from fuzz.changing import changed
from fuzz.judging import FindingError, judge

try:
    import atheris
except ImportError:  # it has wheels for Linux on x86-64 alone
    atheris = None

LONGEST = 1 << 16  # bytes
GROWTH = 256 << 20  # bytes that the process may grow by once it is warm
WARM = 2000  # executions
EVERY = 500
HANGING = 30  # seconds on the clock, on machines that have much else to do


class Fuzzed:
    """One target, how often it was fed, and how large the process was once it was warm."""

    def __init__(self, target: str, folder: Path) -> None:
        self.target, self._folder, self.executions = target, folder, 0
        self._process, self._warm = psutil.Process(), 0

    def feed(self, content: bytes) -> None:
        """Judge a file; a finding is kept and raised."""
        self.executions += 1
        try:
            judge(self.target, content)
            self._mind_memory()
        except BaseException:
            name = f"{self.target}-{hashlib.sha256(content).hexdigest()[:16]}"
            (self._folder / name).write_bytes(content)
            raise

    def _mind_memory(self) -> None:
        if self.executions == WARM:
            self._warm = self._process.memory_info().rss
        elif self._warm and self.executions % EVERY == 0 and self._process.memory_info().rss > self._warm + GROWTH:
            raise FindingError(f"{self.target}: the process grows")


def main() -> None:
    """Fuzz, with Atheris where there is one."""
    logging.disable(logging.CRITICAL)
    target, seconds, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    fuzzed = Fuzzed(target, folder)
    from fuzz.targets import TARGETS

    seeds = list(TARGETS[target].seeds())
    _by_chance(fuzzed, seeds, seconds if atheris is None else max(1, seconds // 2))
    if atheris is not None:
        _guided(fuzzed, seeds, max(1, seconds // 2))


def _by_chance(fuzzed: Fuzzed, seeds: list[bytes], seconds: int) -> None:
    number = time.time_ns()
    dice, until = random.Random(number), time.monotonic() + seconds
    while time.monotonic() < until:
        fuzzed.feed(changed(dice, seeds))
    print(f"stat::number_of_executed_units: {fuzzed.executions}", file=sys.stderr)


def _guided(fuzzed: Fuzzed, seeds: list[bytes], seconds: int) -> None:
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(seeds):
            (Path(corpus) / f"{number}").write_bytes(seed)
        options = [
            f"-max_total_time={seconds}", f"-max_len={LONGEST}", "-len_control=0", f"-timeout={HANGING}",
            "-rss_limit_mb=2048", "-print_final_stats=1", f"-artifact_prefix={corpus}/", "-verbosity=0",
        ]  # fmt: skip
        atheris.Setup([sys.argv[0], *options, corpus], fuzzed.feed)
        atheris.Fuzz()


if __name__ == "__main__":
    if atheris is not None:
        with atheris.instrument_imports(include=["app.decoding", "zipfile", "pydicom", "PIL", "csv"]):
            pass
    main()
