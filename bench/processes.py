"""Engines in processes of their own: asked in turn, so that noise hits all, and none's threads disturb another's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

SETTLING = 0.01  # seconds between turns: an engine's threads look for work a little longer


class EngineProcess:
    """One engine, alone in a process."""

    def __init__(self, engine: str, threads: int, folder: Path) -> None:
        command = [sys.executable, "-m", "bench.engine_process", engine, str(threads), str(folder)]
        surroundings = {**os.environ, "OPENBLAS_NUM_THREADS": str(threads), "TF_CPP_MIN_LOG_LEVEL": "3"}
        pipe = subprocess.PIPE
        start = time.perf_counter()
        self._process = subprocess.Popen(
            command, env=surroundings, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True
        )
        self.loaded_ms = float(self._read()["loaded_ms"])
        self.first_answer_ms = 1000 * (time.perf_counter() - start)

    @property
    def memory_mb(self) -> float:
        """What the process adds to the memory of the machine: its proportional share (PSS), in megabytes."""
        return proportional_mb(self._process.pid)

    def order(self, *words: object) -> None:
        """Tell it what to do, and don't wait."""
        assert self._process.stdin is not None
        self._process.stdin.write(" ".join(map(str, words)) + "\n")
        self._process.stdin.flush()

    def ask(self, *words: object) -> Any:
        """Tell it what to do, and return what it answers."""
        self.order(*words)
        return self.answer()

    def answer(self) -> Any:
        """Return what it answers to an order."""
        return self._read()

    def end(self) -> None:
        """Have it end."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def _read(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        while line and not line.startswith(("{", "[")):  # what libraries say
            line = self._process.stdout.readline()
        return json.loads(line)


@contextmanager
def engine_processes(wanted: Sequence[tuple[str, int]], folder: Path) -> Iterator[dict[tuple[str, int], EngineProcess]]:
    """Start engines, one after the other, on so many threads each; end them at the end."""
    with ExitStack() as stack:
        processes = {}
        for engine, threads in wanted:
            processes[engine, threads] = process = EngineProcess(engine, threads, folder)
            stack.callback(process.end)
        yield processes


def in_turns(
    processes: Mapping[tuple[str, int], EngineProcess], rounds: int, *order: object
) -> dict[tuple[str, int], list[tuple[float, float]]]:
    """Have each do the same in turn; return milliseconds by the clock, and of processors."""
    times: dict[tuple[str, int], list[tuple[float, float]]] = {key: [] for key in processes}
    for _ in range(rounds + 1):
        for key, process in processes.items():
            wall, processor = process.ask(*order)
            times[key].append((wall, processor))
            time.sleep(SETTLING)
    return {key: taken[1:] for key, taken in times.items()}  # the first round is slower


def proportional_mb(pid: int) -> float:
    """Return the proportional set size of a process in megabytes: pages that n processes share count 1/n."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1000
