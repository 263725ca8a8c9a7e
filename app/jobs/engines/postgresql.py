"""The queue in tables of PostgreSQL, where rows that others are taking are skipped: for workers on several machines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
from huey import Huey
from huey.storage import PostgresStorage
from psycopg import OperationalError
from sqlalchemy import make_url

from app.jobs.engines import NAME, START_IT
from app.jobs.serializer import JsonSerializer

if TYPE_CHECKING:
    from config import Settings

CONNECT_SECONDS = 2  # the least that libpq knows
ANSWER_SECONDS = 2.0  # a request that has committed waits no longer than this for each answer
ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended('lentigo queue', 0))"


class Connection(psycopg.Connection[Any]):
    """A connection that is given up if no answer comes: a server that has stopped keeps its connections open."""

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait for an answer; OperationalError if none has come in time."""
        try:
            return super().wait(gen, interval, ANSWER_SECONDS if timeout is None else timeout)
        except OperationalError:
            if timeout is None:
                self.close()
            raise


class Storage(PostgresStorage):  # type: ignore[misc]  # Huey is untyped
    """Huey's tables, which are made once, however many processes begin at the same moment."""

    def __init__(self, name: str, address: str) -> None:
        def connect() -> Connection:
            return Connection.connect(address, connect_timeout=CONNECT_SECONDS, application_name="lentigo queue")

        super().__init__(name, connection=connect, create_tables=False)
        self.ddl.insert(0, ONE_AT_A_TIME)
        self.initialize_schema()


class Postgresql:
    """A queue in a database of PostgreSQL: that of the site, or another."""

    remote = True
    errors: tuple[type[Exception], ...] = (psycopg.Error, OSError)
    advice = START_IT

    def __init__(self, address: str) -> None:
        self._address = address

    def open(self) -> Huey:
        """Return the queue, whose tables are made at need."""
        return Huey(NAME, storage_class=Storage, address=self._address, results=False, serializer=JsonSerializer())

    def probe(self, huey: Huey) -> None:
        """Delete nothing, which is refused where nothing can be written."""
        huey.storage.sql(f"DELETE FROM {huey.storage.table_task} WHERE false", commit=True)  # noqa: S608 - Huey's name


def engine(settings: Settings) -> Postgresql:
    """Return the engine at the address that is set, written as SQLAlchemy's are."""
    address = make_url(str(settings.queue_url)).set(drivername="postgresql")
    return Postgresql(address.render_as_string(hide_password=False))
