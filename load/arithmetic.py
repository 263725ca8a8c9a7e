"""What 10 to 10,000 clinics ask of a site, computed from named assumptions: ``python -m load.arithmetic``.

The tables go into docs/scaling.md, between their markers; a test holds the page to what is computed here.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields

from config import ROOT

PAGE = ROOT / "docs" / "scaling.md"
CLINICS = (10, 100, 1_000, 10_000)


def said(value: float, meaning: str, source: str) -> float:
    """Declare an assumption: its value, what it means, and where it comes from."""
    made: float = field(default=value, metadata={"meaning": meaning, "source": source})
    return made


@dataclass(frozen=True)
class Assumed:
    """Everything that the tables follow from."""

    images: float = said(60, "photographs of a clinic on a working day", "assumed: 20 patients, 3 photographs each")
    days: float = said(250, "working days a year", "assumed")
    busiest: float = said(0.2, "share of a day's work in its busiest hour", "assumed")
    requests: float = said(25, "requests for each photograph, pages and pictures", "assumed, as `make load` plays it")
    recorded: float = said(0.3, "share of them that the audit log records", "assumed: pictures and parts are not")
    original: float = said(
        1.2, "MB of a photograph and its thumbnail in storage", "assumed: 0.4 at 600 x 450 px, 4 at most"
    )
    web_ms: float = said(20, "ms of a core for a request", "a page takes 14 to 17, see decision 22; pictures less")
    photo_ms: float = said(133, "ms of a core for a photograph in the request", "86, 34 and 13, see docs/load.md")
    outline_ms: float = said(60, "ms of a core for its outline by a worker", "16 for its network, see decision 23")
    used: float = said(0.5, "share of a core that is planned to be busy in that hour", "assumed: peaks within it")
    cores: float = said(8, "cores of a machine", "assumed")
    row_kb: float = said(2.1, "KB of a test's row", "2.1 GB at 1,000,000, see decision 22")
    index_kb: float = said(1.3, "KB of a test in all indexes", "4 x 110 bytes, see decision 22; 20 x 40")
    beside_kb: float = said(1.5, "KB of its outline, verdict, marks, rows of a batch", "assumed")
    events: float = said(8, "events in the audit log for each photograph", "requests x recorded, rounded")
    event_kb: float = said(0.6, "KB of an event with its indexes", "assumed: 17 columns, three indexes")
    commit_ms: float = said(2, "ms that an event holds the end of the audit log", "assumed: a write that is safe")
    message_kb: float = said(0.4, "KB of a message in Redis", "assumed: 150 bytes of JSON, and Redis's own")
    messages: float = said(2, "messages for each photograph", "one for the outline, one for what else")
    threads: float = said(12, "connections of a web process", "4 threads and 8 for live pages, by default")
    processes: float = said(8, "web processes of a machine", "one for each core")


@dataclass(frozen=True)
class Need:
    """What so many clinics need."""

    clinics: int
    assumed: Assumed = Assumed()

    @property
    def images_a_day(self) -> float:
        """Photographs."""
        return self.clinics * self.assumed.images

    @property
    def images_a_second(self) -> float:
        """Photographs in the busiest hour."""
        return self.images_a_day * self.assumed.busiest / 3600

    @property
    def requests_a_second(self) -> float:
        """Requests in the busiest hour."""
        return self.images_a_second * self.assumed.requests

    @property
    def events_a_second(self) -> float:
        """Events of the audit log in the busiest hour."""
        return self.requests_a_second * self.assumed.recorded

    @property
    def log_share(self) -> float:
        """Share of the time for which the end of the audit log is held then; beyond 1 it can't be done."""
        return self.events_a_second * self.assumed.commit_ms / 1000

    @property
    def rows_a_year(self) -> float:
        """Tests."""
        return self.images_a_day * self.assumed.days

    @property
    def storage_tb(self) -> float:
        """Photographs of a year in TB."""
        return self.rows_a_year * self.assumed.original / 1e6

    @property
    def database_gb(self) -> float:
        """Rows and indexes of a year in GB."""
        a = self.assumed
        return self.rows_a_year * (a.row_kb + a.index_kb + a.beside_kb + a.events * a.event_kb) / 1e6

    @property
    def web_cores(self) -> float:
        """Cores that web servers use in the busiest hour."""
        return (self.requests_a_second * self.assumed.web_ms + self.images_a_second * self.assumed.photo_ms) / 1000

    @property
    def web_servers(self) -> int:
        """Machines for them, so that none is busy beyond what is planned."""
        return self._machines(self.web_cores)

    @property
    def worker_cores(self) -> float:
        """Cores that workers use for outlines in the busiest hour."""
        return self.images_a_second * self.assumed.outline_ms / 1000

    @property
    def workers(self) -> int:
        """Workers, each on two cores."""
        return max(1, math.ceil(self.worker_cores / self.assumed.used / 2))

    @property
    def core_hours_a_day(self) -> float:
        """Core hours that are used on a working day, by web servers and workers."""
        return (self.web_cores + self.worker_cores) / self.assumed.busiest

    @property
    def connections(self) -> int:
        """Connections to the database, at most."""
        return int(self.web_servers * self.assumed.processes * self.assumed.threads + self.workers * 3)

    @property
    def redis_mb(self) -> float:
        """Redis in MB if no worker runs through the busiest hour."""
        return self.images_a_second * 3600 * self.assumed.messages * self.assumed.message_kb / 1000

    def _machines(self, cores: float) -> int:
        return max(1, math.ceil(cores / self.assumed.used / self.assumed.cores))


ROWS: tuple[tuple[str, Callable[[Need], float]], ...] = (
    ("Photographs a day", lambda need: need.images_a_day),
    ("Photographs a second, busiest hour", lambda need: need.images_a_second),
    ("Requests a second, busiest hour", lambda need: need.requests_a_second),
    ("Events of the audit log a second", lambda need: need.events_a_second),
    ("Share of time that the log's end is held", lambda need: need.log_share),
    ("Tests a year, millions", lambda need: need.rows_a_year / 1e6),
    ("Events of the audit log a year, millions", lambda need: need.rows_a_year * need.assumed.events / 1e6),
    ("Database, GB a year", lambda need: need.database_gb),
    ("Object store, TB a year", lambda need: need.storage_tb),
    ("Web servers: cores in use", lambda need: need.web_cores),
    ("Web servers of 8 cores", lambda need: need.web_servers),
    ("Workers: cores in use", lambda need: need.worker_cores),
    ("Workers of two cores", lambda need: need.workers),
    ("Core hours a working day", lambda need: need.core_hours_a_day),
    ("Connections to the database, at most", lambda need: need.connections),
    ("Redis, MB, if no worker runs for that hour", lambda need: need.redis_mb),
)


def clinics_table(sizes: Sequence[int] = CLINICS) -> str:
    """Return what each number of clinics needs."""
    needs = [Need(size) for size in sizes]
    heading = "| | " + " | ".join(f"{size:,} clinics" for size in sizes) + " |"
    rows = [f"| {name} | " + " | ".join(written(of(need)) for need in needs) + " |" for name, of in ROWS]
    return "\n".join((heading, "| --- |" + " ---: |" * len(sizes), *rows))


def assumptions_table() -> str:
    """Return the assumptions, with where each comes from."""
    rows = [
        f"| {each.metadata['meaning']} | {written(getattr(Assumed(), each.name))} | {each.metadata['source']} |"
        for each in fields(Assumed)
    ]
    return "\n".join(("| Assumption | Value | From |", "| --- | ---: | --- |", *rows))


def written(value: float) -> str:
    """Write a number with two digits that count, and more where it is a whole one."""
    if value == int(value):
        return f"{int(value):,}"
    if value >= 100:
        return f"{round(value, 1 - math.floor(math.log10(value))):,.0f}"
    return f"{value:.2g}"


def with_tables(page: str) -> str:
    """Return the page with both tables in their places."""
    for name, made in (("clinics", clinics_table()), ("assumptions", assumptions_table())):
        marked = re.compile(rf"(<!-- {name}: begin -->\n).*?(\n?<!-- {name}: end -->)", re.DOTALL)
        page = marked.sub(lambda found, made=made: f"{found[1]}{made}\n<!-- {found[2].strip()[5:]}", page)
    return page


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text()))
    sys.exit(0)
