"""The same network by LiteRT, OpenVINO, ONNX Runtime and Keras, and the least that its multiplications would take."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from bench.engine_process import ENGINES, NETWORK, SIDE
from bench.figure import Figure
from bench.multiply_adds import multiply_adds
from bench.networks import make_networks
from bench.processes import EngineProcess, engine_processes, in_turns

LITERT, GEMM = "LiteRT", "GEMM"
WORK = "physical limit, processor time"  # which other work on the machine changes least
THREADS = (1, 2)
ROUNDS = 15
BATCHES, BATCH_ROUNDS = (2, 4, 16), 3
COMPARED = (LITERT, "OpenVINO", "ONNX Runtime")  # of which batches of several sizes are timed
MOST = 1.15  # of the fastest engine's time that ours may take
ALIKE = 1e-3  # difference of any number of what the networks answer: those that are made of the Keras weights anew

Key = tuple[str, int]
Times = Mapping[Key, list[tuple[float, float]]]


def engines() -> list[Figure]:
    """Time one picture and batches by each engine on one thread and on two, and read what each needs."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_networks(folder)
        wanted = [(engine, threads) for engine in ENGINES for threads in THREADS]
        with engine_processes(wanted, folder) as processes:
            answers = {key: process for key, process in processes.items() if key[0] != GEMM}
            alike = list(_alike(answers))
            times = in_turns(processes, ROUNDS, "pass")
            memory = [Figure(f"memory (PSS), {_of(key)}", process.memory_mb, "MB") for key, process in answers.items()]
            some = {key: process for key, process in answers.items() if key[0] in COMPARED and key[1] == max(THREADS)}
            batches = [figure for size in BATCHES for figure in _batches(some, size)]
            largest = {key: process for key, process in answers.items() if key not in some}
            batches += _batches(largest, max(BATCHES))
            starts = list(_starts(answers))
    return [*_limits(times), *_passes(times), *batches, *starts, *memory, *alike]


def _limits(times: Times) -> Iterator[Figure]:
    """Yield what the network's multiply-adds take at the rate of a plain product of matrices."""
    count = multiply_adds(NETWORK.read_bytes())
    yield Figure("multiply-adds of a picture, all views", count / 1e9, "G")
    for threads in THREADS:
        taken = [wall for wall, _ in times[GEMM, threads]]
        rate = SIDE**3 / statistics.median(taken) / 1e6
        yield Figure(f"product of matrices, {_threads(threads)}", rate, "G/s")
        yield Figure.of(_limit(threads), [ms * count / SIDE**3 for ms in taken])
    yield Figure.of(WORK, [work * count / SIDE**3 for _, work in times[GEMM, 1]])


def _passes(times: Times) -> Iterator[Figure]:
    """Yield what a picture takes; of ours, whether it is near the fastest's."""
    middle = {key: statistics.median(wall for wall, _ in taken) for key, taken in times.items() if key[0] != GEMM}
    for key, taken in times.items():
        if key[0] == GEMM:
            continue
        best = min(ms for other, ms in middle.items() if other[1] == key[1])
        figure = Figure.of(f"one picture, {_of(key)}", [wall for wall, _ in taken], reference=_limit(key[1]))
        if key[0] == LITERT:
            ratio = middle[key] / best
            figure = Figure(
                figure.what, figure.value, figure.unit, f"{ratio:.2f} of the fastest, <= {MOST}", ratio <= MOST,
                figure.reference, figure.samples,
            )  # fmt: skip
        yield figure
        yield Figure.of(f"  processor time, {_of(key)}", [work for _, work in taken], reference=WORK)


def _batches(processes: Mapping[Key, EngineProcess], size: int) -> Iterator[Figure]:
    """Yield what a picture takes in a pass of so many, by the clock and of processors."""
    for key, taken in in_turns(processes, BATCH_ROUNDS, "batch", size).items():
        name = f"a picture of {size} in a pass, {_of(key)}"
        yield Figure.of(name, [wall / size for wall, _ in taken], reference=_limit(key[1]))
        yield Figure.of(f"  processor time, {name}", [work / size for _, work in taken], reference=WORK)


def _starts(processes: Mapping[Key, EngineProcess]) -> Iterator[Figure]:
    for (engine, threads), process in processes.items():
        if threads == max(THREADS):
            yield Figure(f"process to first answer, {engine}", process.first_answer_ms, "ms")
            yield Figure(f"  loading and one pass, {engine}", process.loaded_ms, "ms")


def _alike(processes: Mapping[Key, EngineProcess]) -> Iterator[Figure]:
    """Yield the largest difference of any number that engines answer, from what LiteRT does."""
    reference = _numbers(processes[LITERT, 1])
    for (engine, threads), process in processes.items():
        if threads == 1 and engine != LITERT:
            found = _numbers(process)
            worst = max(float(np.abs(found[name] - reference[name]).max()) for name in reference)
            yield Figure(f"difference of any number, {engine}", worst, "", f"<= {ALIKE}", worst <= ALIKE)


def _numbers(process: EngineProcess) -> dict[str, np.ndarray]:
    return {name: np.array(numbers) for name, numbers in process.ask("answers").items()}


def _threads(count: int) -> str:
    return "1 thread" if count == 1 else f"{count} threads"


def _of(key: Key) -> str:
    return f"{key[0]}, {_threads(key[1])}"


def _limit(threads: int) -> str:
    return f"physical limit, {_threads(threads)}"
