"""Time a batch through the queue beside the bare network, and what it does to memory and to other pages."""

from __future__ import annotations

import os
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import httpx
import psutil

from app.processors import available_processors, fitted_threads
from bench.figure import NAME, Figure
from bench.site import register, running_site
from tests.pictures import jpeg, lesion_picture

ALONE = "network alone, in a process of its own"
ON_ONE = "network alone, on one thread"
WARM = 100  # photographs after which memory and time count
DRAWN = 100  # lesions; more would only take longer to draw
BARE = """
import sys, time
from pathlib import Path
from models.photograph import upright_rgb
from models.preprocessing import square_pixels
from models.registry import Registry
from tests.pictures import lesion_picture
classifier = Registry(Path("models/weights"), int(sys.argv[3]))[sys.argv[1]]
pixels = square_pixels(upright_rgb(lesion_picture()), classifier.card.input_px)[None]
for _ in range(10):
    classifier.outputs(pixels)
count, start = int(sys.argv[2]), time.perf_counter()
for _ in range(count):
    classifier.outputs(pixels)
print(count / (time.perf_counter() - start))
"""


@dataclass(slots=True)
class Watched:
    """What was seen of a site while its worker was at work: bytes of the worker by files done, and times of a page."""

    memory: dict[int, int] = field(default_factory=dict)
    page: list[float] = field(default_factory=list)

    @property
    def growth(self) -> float:
        """Megabytes that the worker has grown by since it was warm, at its largest."""
        warm = next(size for done, size in sorted(self.memory.items()) if done >= WARM)
        return (max(size for done, size in self.memory.items() if done >= WARM) - warm) / 1e6


@dataclass(slots=True)
class Batch:
    """What came of a batch, photographs a second beside those of the bare network, and what was seen meanwhile."""

    bare: float
    rate: float
    idle: float
    watched: Watched

    @property
    def share(self) -> float:
        """What part of the bare network's photographs the batch had answered."""
        return self.rate / self.bare


def batch(count: int) -> list[Figure]:
    """Send drawn lesions as one batch to a site as it is run, and to one whose network takes one thread only.

    The second says what becomes of a batch where there are processors beside those that the network takes.
    """
    with_all = _sent(count, fitted_threads(available_processors(), processes=1), {})
    with_one = _sent(count, 1, {"LENTIGO_INFERENCE_THREADS": "1"})
    growth, busy = with_all.watched.growth, statistics.median(with_all.watched.page)
    return [
        Figure(ALONE, with_all.bare, "/s"),
        Figure(
            f"batch of {count}, through the queue",
            with_all.rate,
            "/s",
            f"{with_all.share:.2f} of the network, >= 0.85",
            with_all.share >= 0.85,
            ALONE,
        ),
        Figure(f"  worker's memory, photographs {WARM} to {count}", growth, "MB", "<= 30 MB", growth <= 30),
        Figure("  history page meanwhile", busy, "ms", f"{with_all.idle:.0f} ms without; <= 250 ms", busy <= 250),
        Figure("  the slowest of those", max(with_all.watched.page), "ms"),
        Figure(ON_ONE, with_one.bare, "/s"),
        Figure("  the same batch then", with_one.rate, "/s", f"{with_one.share:.2f} of the network", reference=ON_ONE),
    ]


def _sent(count: int, threads: int, settings: Mapping[str, str]) -> Batch:
    """Send a batch to a site with these settings; the bare network is timed before and after, on so many threads."""
    before = _bare(threads)
    with running_site(settings) as (address, process, instance), httpx.Client(base_url=address, timeout=60) as client:
        token = register(client)
        idle = statistics.median(_timed(client) for _ in range(20))
        batch_address = _send(client, token, count)
        watched = _watch(client, process, instance, batch_address, count)
        rate = _rate(instance)
    return Batch(statistics.mean([before, _bare(threads)]), rate, idle, watched)


def _bare(threads: int) -> float:
    command = [sys.executable, "-c", BARE, NAME, "150", str(threads)]
    run = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": "."})
    return float(run.stdout)


def _send(client: httpx.Client, token: str, count: int) -> str:
    """Send the photographs as the page's script does, and return the address of their batch."""
    script = {"X-Requested-With": "fetch"}
    fields = {"csrf_token": token, "naming": "one", "patient_name": "Bench", "model": NAME}
    made = client.post("/batches/new", data=fields, headers=script)
    assert made.status_code == 201, made.status_code
    address = str(made.json()["address"])
    for n, file in enumerate(_files(count)):
        data, files = {"csrf_token": token, "path": f"{n:05}.jpg"}, {"files": ("file", file, "image/jpeg")}
        client.post(f"{address}/files", data=data, files=files, headers=script).raise_for_status()
    assert client.post(f"{address}/start", data={"csrf_token": token}).status_code == 303
    return address


def _files(count: int) -> Iterator[bytes]:
    drawn = [jpeg(lesion_picture(seed)) for seed in range(min(count, DRAWN))]
    for n in range(count):
        yield drawn[n % len(drawn)]


def _watch(client: httpx.Client, site: psutil.Process, instance: Path, address: str, count: int) -> Watched:
    """Look at the site twice a second until the batch is done."""
    watched, worker = Watched(), _worker(site)
    while (done := _done(instance)) < count:
        watched.memory[done] = worker.memory_info().rss
        watched.page.append(_timed(client))
        time.sleep(0.5)
    watched.memory[done] = worker.memory_info().rss
    assert "Finished" in client.get(address).text
    return watched


def _worker(site: psutil.Process) -> psutil.Process:
    return next(child for child in site.children(recursive=True) if "worker" in child.cmdline())


def _timed(client: httpx.Client) -> float:
    start = time.perf_counter()
    client.get("/previous_tests").raise_for_status()
    return 1000 * (time.perf_counter() - start)


def _done(instance: Path) -> int:
    return int(_read(instance, "SELECT COUNT(*) FROM batch_items WHERE state = 'done'")[0][0])


def _rate(instance: Path) -> float:
    """Return photographs a second from the first that counts to the last."""
    rows = _read(instance, "SELECT finished_at FROM batch_items WHERE state = 'done' ORDER BY finished_at")
    moments = [datetime.fromisoformat(moment) for (moment,) in rows][min(WARM, len(rows) // 4) :]
    assert all(earlier <= later for earlier, later in pairwise(moments))
    return (len(moments) - 1) / (moments[-1] - moments[0]).total_seconds()


def _read(instance: Path, question: str) -> list[tuple[str]]:
    with sqlite3.connect(instance / "lentigo.sqlite3") as connection:
        rows = connection.execute(question).fetchall()
    connection.close()
    return rows
