"""How many pictures a machine answers with so many processes and threads, and what one network for all saves."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from bench.engine_process import WEIGHTS
from bench.figure import Figure
from bench.processes import EngineProcess, proportional_mb
from models.card import read_card
from models.engines.alike import pictures

PROCESSES, THREADS = (1, 2, 4), (1, 2, 4)
SECONDS = 3.0
REFERENCE = "1 process with 1 thread"
FORKING = """
import os, sys
from pathlib import Path
from models.registry import Registry, hold_network
held, count, folder = sys.argv[1] == "held", int(sys.argv[2]), Path(sys.argv[3])
if held:
    hold_network(folder)
ready, done = os.pipe(), os.pipe()
children = []
for _ in range(count):
    if not (pid := os.fork()):
        from PIL import Image
        classifier = Registry(folder.parent, threads=1)[folder.name]
        classifier.predict(Image.new("RGB", (300, 300)))
        os.write(ready[1], b".")
        os.close(done[1])
        os.read(done[0], 1)
        os._exit(0)
    children.append(pid)
for _ in range(count):
    os.read(ready[0], 1)
print(*children, flush=True)
sys.stdin.read()
os.close(done[1])
for pid in children:
    os.waitpid(pid, 0)
"""


def serving() -> list[Figure]:
    """Measure processes by threads, and the memory of web processes that share a network beside those that don't."""
    return [*_matrix(), *_sharing()]


def _matrix() -> Iterator[Figure]:
    card = read_card(WEIGHTS)
    with tempfile.TemporaryDirectory() as name:
        np.save(Path(name) / "images.npy", pictures(card.input_px, card.scaling)[:1])
        for threads in THREADS:
            for count in PROCESSES:
                yield from _cell(Path(name), count, threads)


def _cell(folder: Path, count: int, threads: int) -> Iterator[Figure]:
    """Have so many processes classify at once, each as fast as it can."""
    label = f"{count} process{'es' if count > 1 else ''} with {threads} thread{'s' if threads > 1 else ''}"
    processes = [EngineProcess("LiteRT", threads, folder) for _ in range(count)]
    for process in processes:
        process.order("loop", SECONDS)
    times = [process.answer() for process in processes]
    for process in processes:
        process.end()
    of_one = f"pictures, {REFERENCE}"
    yield Figure(f"pictures, {label}", sum(map(len, times)) / SECONDS, "/s", reference=of_one)
    yield Figure.of(
        f"  one of them, {label}", [ms for each in times for ms in each], reference=f"  one of them, {REFERENCE}"
    )


def _sharing() -> Iterator[Figure]:
    for count in PROCESSES:
        alone, shared = (_memory(how, count) for how in ("read", "held"))
        name = f"memory (PSS) of {count} forked"
        yield Figure(f"{name}, each with its own network", alone, "MB")
        if count == 1:
            yield Figure(f"{name}, with one network for all", shared, "MB")
        else:
            yield Figure(f"{name}, with one network for all", shared, "MB", "less", shared < alone)


def _memory(how: str, count: int) -> float:
    command = [sys.executable, "-c", FORKING, how, str(count), str(WEIGHTS)]
    pipe, quiet = subprocess.PIPE, subprocess.DEVNULL
    surroundings = {**os.environ, "PYTHONPATH": "."}
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=quiet, text=True, env=surroundings) as process:
        assert process.stdout is not None
        total = sum(proportional_mb(int(pid)) for pid in process.stdout.readline().split())
        process.communicate()
    return total
