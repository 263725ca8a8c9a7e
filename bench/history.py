"""Time the history of one person with very many tests over HTTP, on SQLite and, where there is one, on PostgreSQL."""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping
from types import MappingProxyType

import httpx
from sqlalchemy import Engine, create_engine, select

from app.auth.tables import User
from app.keys.data_keys import bind
from app.keys.keyring import Keyring
from app.keys.sources import source_of
from bench.clinic import fill, without_indexes
from bench.figure import Figure
from bench.site import register, running_site
from config import Settings

LIMIT = 50  # milliseconds at the 95th percentile
TURNS = 101  # of each case, the first of which is not counted
FEW = 1_000  # tests of the second person
MIDDLE = "after=bench-{middle}"
CASES: Mapping[str, str] = MappingProxyType(
    {
        "first page": "",
        "deep page": MIDDLE,
        "deep page back": "before=bench-{middle}",
        "oldest first, deep": f"sort=oldest&{MIDDLE}",
        "most suspicious first": "sort=suspicious",
        "most suspicious first, deep": f"sort=suspicious&{MIDDLE}",
        "patient by patient, deep": f"sort=patient&{MIDDLE}",
        "a patient": "patient=greta+k.",
        "a frequent name": "patient=sorensen&sort=suspicious",
        "how many names begin": "patient=so",
        "an unknown name": "patient=nobody+of+this+name",
        "a frequent class, most suspicious": "label=nv&sort=suspicious",
        "a rare class and site": "label=df&site=ear",
        "not accepted": "label=none",
        "above the alert, not assessed": "alert=y&assessment=none&sort=suspicious",
        "diagnosis against the classifier": "diagnosis=against&sort=suspicious",
        "a diagnosis by one classifier": "diagnosis=mel&classifier=alexnet-ham7",
        "malignancy from 99 %, by patient": "malignancy_from=99&sort=patient",
        "a month, most suspicious": "date_from=2020-03-01&date_to=2020-03-31&sort=suspicious",
        "a year, class and site": "date_from=2020-01-01&date_to=2020-12-31&label=mel&site=face",
        "text in the notes": "text=shaving",
        "text that is nowhere": "text=nowhere",
        "a lesion of a patient": "patient=greta+k.&lesion=nape",
        "a lesion's label alone": "lesion=nape",
        "kept with nobody": "nobody=y",
        "a combination that is nowhere": "site=ear&assessment=df&classifier=alexnet-ham7&label=nv&malignancy_to=3",
    }
)


def history(tests: int, database: str = "") -> list[Figure]:
    """Time each case for a person with `tests` tests beside one with a thousand.

    The database is SQLite, or the one at the address `database`, which must be empty.
    """
    with running_site({"LENTIGO_DATABASE_URL": database} if database else {}) as (address, _, instance):
        people = [_person(address, name) for name in ("many", "few")]
        engine = create_engine(database or f"sqlite:///{instance / 'lentigo.sqlite3'}")
        bind(engine, Keyring(source_of(Settings(instance=instance))))
        start = time.perf_counter()
        with without_indexes(engine):
            fill(engine, author=_ids(engine, "many"), tests=tests)
            fill(engine, author=_ids(engine, "few"), tests=FEW, before=10 * tests)
        name = f"history of {tests:,}, {engine.dialect.name}"
        made = Figure(f"{name}: written down in", time.perf_counter() - start, "s")
        many, few = people
        figures = [_timed(many, f"{name}: {case}", query, tests) for case, query in CASES.items()]
        figures += [
            _timed(few, f"{name}, a person with {FEW:,}: {case}", CASES[case], tests)
            for case in ("first page", "text in the notes", "a lesion's label alone")
        ]
        engine.dispose()
    return [made, *figures]


def _person(address: str, name: str) -> httpx.Client:
    client = httpx.Client(base_url=address, timeout=60)
    register(client, name)
    return client


def _ids(engine: Engine, name: str) -> tuple[int, int]:
    """Return the ids of a person's account and clinic."""
    with engine.connect() as connection:
        person = select(User.id, User.clinic_id).where(User.email == f"{name}@example.org")
        return connection.execute(person).one()._tuple()


def _timed(client: httpx.Client, what: str, query: str, tests: int) -> Figure:
    address = "/previous_tests?" + query.format(middle=tests // 2)
    times = []
    for _ in range(TURNS):
        start = time.perf_counter()
        client.get(address).raise_for_status()
        times.append(1000 * (time.perf_counter() - start))
    *_, high = statistics.quantiles(times[1:], n=20)
    middle = statistics.median(times[1:])
    return Figure(what, high, "ms", f"p95; p50 {middle:.0f} ms; <= {LIMIT} ms", high <= LIMIT)
