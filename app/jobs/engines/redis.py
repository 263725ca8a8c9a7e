"""The queue in Redis: for workers on several machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huey import Huey, PriorityRedisHuey
from redis import ConnectionPool, RedisError
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as AwayError
from redis.retry import Retry

from app.jobs.engines import NAME, START_IT
from app.jobs.serializer import JsonSerializer

if TYPE_CHECKING:
    from config import Settings

ANSWER_SECONDS = 2.0  # a request that has committed waits no longer than this, and a worker for a job half of it
PROBE, PROBE_SECONDS = "lentigo.probe", 60
ONCE_MORE = Retry(NoBackoff(), 1, supported_errors=(AwayError,))  # a connection from before the server's restart


class Redis:
    """A queue in a database of a Redis server, which is nobody else's."""

    remote = True
    errors: tuple[type[Exception], ...] = (RedisError, OSError)
    advice = START_IT

    def __init__(self, address: str) -> None:
        self._address = address

    def open(self) -> Huey:
        """Return the queue; nothing is connected yet."""
        seconds = {"socket_timeout": ANSWER_SECONDS, "socket_connect_timeout": ANSWER_SECONDS}
        pool = ConnectionPool.from_url(self._address, retry=ONCE_MORE, socket_keepalive=True, **seconds)
        return PriorityRedisHuey(
            NAME,
            connection_pool=pool,
            read_timeout=ANSWER_SECONDS / 2,
            results=False,
            serializer=JsonSerializer(),
        )

    def probe(self, huey: Huey) -> None:
        """Write a key: a server that is full, or that follows another, answers but takes nothing."""
        huey.storage.conn.set(PROBE, b"", ex=PROBE_SECONDS)


def engine(settings: Settings) -> Redis:
    """Return the engine at the address that is set."""
    return Redis(str(settings.queue_url))
