"""How a batch's throughput grows with its workers, on PostgreSQL and Redis: ``python -m load.scaling``.

Real worker processes share one batch; their classifier sleeps in place of computing, for a machine of few cores could
not show otherwise what many machines do. Everything else of their work is done: files are read and decoded, tests
recorded, jobs sent, events logged. The table goes into docs/scaling.md, between its markers.
"""

from __future__ import annotations

import argparse
import os
import re
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from app.batches import services
from app.batches.sending.naming import FILE
from app.batches.services import Subject
from app.batches.tables import DONE, BatchItem
from app.decoding.limits import Limits
from app.extensions import db
from app.factory import create_app
from app.keys.sources import new_master_key
from app.storage import current_storage
from config import ROOT, Settings
from tests import postgresql, redis_server
from tests.factories import make_user
from tests.fakes import NAME, FakeClassifiers
from tests.pictures import jpeg, lesion_picture

PAGE = ROOT / "docs" / "scaling.md"
MARKED = re.compile(r"(<!-- workers: begin -->\n).*?(\n<!-- workers: end -->)", re.DOTALL)
FLASK = (sys.executable, "-m", "flask", "--app")
WORKERS = (1, 2, 4)
SLEEP = 2.0  # seconds: many times what the two cores need for a photograph besides, so that four workers do not wait
EACH = 16  # photographs for each worker
PATIENCE = 120.0


@dataclass(frozen=True, slots=True)
class Measured:
    """Photographs a second that so many workers have made tests of."""

    workers: int
    photographs: int
    seconds: float

    @property
    def rate(self) -> float:
        """Photographs a second."""
        return self.photographs / self.seconds


def measured(workers: Sequence[int] = WORKERS, *, each: int = EACH, sleep: float = SLEEP) -> Iterator[Measured]:
    """Measure with one number of workers after the other, each on a database and a queue of its own."""
    with postgresql.running() as database, redis_server.running() as queue:
        for number, count in enumerate(workers):
            with tempfile.TemporaryDirectory(prefix="lentigo-scaling-") as instance:
                settings = {
                    "LENTIGO_INSTANCE": instance,
                    "LENTIGO_SECRET_KEY": secrets.token_urlsafe(48),
                    "LENTIGO_MASTER_KEY": new_master_key(),
                    "LENTIGO_DATABASE_URL": database.make(f"scaling{number}"),
                    "LENTIGO_QUEUE_URL": queue.address(number),
                    "LENTIGO_LOG_LEVEL": "ERROR",
                }
                yield _measured(settings, count, each * count, sleep)


def table(found: Sequence[Measured]) -> str:
    """Return the table of the page; what is gained is compared with the first row."""
    first = found[0]
    rows = [
        f"| {one.workers} | {one.photographs} | {one.seconds:.1f} s | {one.rate:.1f} | "
        f"{one.rate / first.rate:.2f} | {one.rate / first.rate / (one.workers / first.workers):.2f} |"
        for one in found
    ]
    heading = "| Workers | Photographs | Time | Photographs a second | Times the first | Of linear |"
    return "\n".join((heading, "| ---: | ---: | ---: | ---: | ---: | ---: |", *rows))


def main() -> int:
    """Measure, print the table, and write it into the page."""
    parser = argparse.ArgumentParser(prog="python -m load.scaling", description=__doc__)
    parser.add_argument("--dry", action="store_true", help="print the table, and write no file")
    asked = parser.parse_args()
    found = []
    for one in measured():
        print(f"{one.workers} workers: {one.rate:.1f} photographs a second", file=sys.stderr, flush=True)
        found.append(one)
    written = table(found)
    print(written)
    if not asked.dry:
        PAGE.write_text(MARKED.sub(lambda found: f"{found[1]}{written}{found[2]}", PAGE.read_text()))
    return 0


def _measured(settings: Mapping[str, str], workers: int, photographs: int, sleep: float) -> Measured:
    environment = {**os.environ, **settings}
    subprocess.run([*FLASK, "wsgi", "db", "upgrade"], check=True, env=environment, cwd=ROOT, capture_output=True)
    fields: dict[str, Any] = {name.removeprefix("LENTIGO_").lower(): value for name, value in settings.items()}
    app = create_app(Settings(**fields), FakeClassifiers())
    with app.app_context(), ExitStack() as running:
        for _ in range(workers):
            running.enter_context(_worker(environment, sleep))
        _worked_through(app, 4 * workers)  # until all have begun
        begun = time.monotonic()
        _worked_through(app, photographs)
        seconds = time.monotonic() - begun
        db.session.remove()
        db.engine.dispose()
    return Measured(workers, photographs, seconds)


@contextmanager
def _worker(environment: Mapping[str, str], sleep: float) -> Iterator[None]:
    with subprocess.Popen([*FLASK, f"load.sleeping:asleep({sleep})", "worker"], env=environment, cwd=ROOT) as process:
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)


def _worked_through(app: Flask, photographs: int) -> None:
    """Make a batch, and wait until all of it is done; TimeoutError, RuntimeError."""
    session, storage, limits = db.session(), current_storage(), Limits.of(app.config["SETTINGS"])
    content = jpeg(lesion_picture())
    batch = services.create(session, author=make_user(session), label=None, model=NAME, subject=Subject(FILE))
    items = [
        services.item_of(storage, batch, path=f"Person {number}.jpg", content=content, limits=limits)
        for number in range(photographs)
    ]
    services.keep(session, storage, batch, items, most=photographs)
    services.start(session, batch)
    session.commit()
    until = time.monotonic() + PATIENCE
    of_batch = select(BatchItem.state, func.count()).where(BatchItem.batch_id == batch.id).group_by(BatchItem.state)
    while (states := dict(session.execute(of_batch).all())) != {DONE: photographs}:
        session.rollback()
        if time.monotonic() > until:
            raise TimeoutError(str(states))
        time.sleep(0.05)


if __name__ == "__main__":
    sys.exit(main())
