"""A PostgreSQL server of the tests' own: reached through a socket in a temporary folder, and gone with them."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Connection, inspect

VERSIONS = Path("/usr/lib/postgresql")  # where Debian keeps the programs of each version
WHOEVER_RUNS_IT = "postgres"  # for root may not; the package makes this account
PRIVATE = ("listen_addresses=", "timezone=UTC")
# what it answers needs to survive neither a power cut nor a crash
HASTY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
# on whichever database a test is run otherwise
on_both = pytest.mark.parametrize("on_postgresql", [False, True], ids=["sqlite", "postgresql"])


@dataclass(frozen=True)
class Server:
    """A running server, which can be taken away for a while; everybody who reaches its socket is believed.

    A `durable` one has written what it answers, and loses nothing when it crashes.
    """

    folder: Path
    programs: Path
    user: str | None
    durable: bool

    def address(self, database: str) -> str:
        """Return the SQLAlchemy address of a database."""
        return f"postgresql+psycopg://lentigo@/{database}?host={self.folder}"

    def make(self, database: str, template: str = "template0") -> str:
        """Make a database like another that nobody is connected to, and return its address."""
        self._run(f'CREATE DATABASE "{database}" TEMPLATE "{template}"')
        return self.address(database)

    def drop(self, database: str) -> None:
        """Remove a database, whoever is connected to it."""
        self._run(f'DROP DATABASE "{database}" WITH (FORCE)')

    def start(self) -> None:
        """Start the server, with what it held when it was stopped, and wait until it answers."""
        settings = PRIVATE if self.durable else (*PRIVATE, *HASTY)
        options = " ".join(("-k", str(self.folder), *(f"-c {setting}" for setting in settings)))
        self.do("pg_ctl", "--wait", f"--log={self.folder / 'log'}", "-o", options, "start")

    def stop(self, mode: str = "fast") -> None:
        """End the server and all connections: `fast` in order, `immediate` as a crash would."""
        self.do("pg_ctl", "--wait", f"--mode={mode}", "stop")

    def do(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs on the folder of the data."""
        command = [str(self.programs / program), "-D", str(self.folder / "data"), *arguments]
        subprocess.run(command, check=True, user=self.user, cwd=self.folder, stdout=subprocess.DEVNULL, timeout=60)

    def _run(self, statement: str) -> None:
        with psycopg.connect(host=str(self.folder), user="lentigo", dbname="postgres", autocommit=True) as connection:
            connection.execute(statement.encode())


def contents(connection: Connection) -> bytes:
    """Return what stands in all rows of a database, as text."""
    names = inspect(connection).get_table_names()
    rows = (connection.exec_driver_sql(f'SELECT t::text FROM "{name}" t').scalars() for name in names)  # noqa: S608 - ours
    return "\n".join(chain.from_iterable(rows)).encode()


@contextmanager
def running(*, durable: bool = False) -> Iterator[Server]:
    """Run a server; where PostgreSQL is not installed the test is skipped, which fails where CI is set."""
    programs = _programs()
    folder = Path(tempfile.mkdtemp(prefix="lentigo-postgresql-"))
    user = WHOEVER_RUNS_IT if os.geteuid() == 0 else None
    if user is not None:
        shutil.chown(folder, user)

    server = Server(folder, programs, user, durable)
    try:
        server.do("initdb", "--auth=trust", "--username=lentigo", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
        server.start()
        try:
            yield server
        finally:
            server.stop("immediate")
    finally:
        shutil.rmtree(folder)


def _programs() -> Path:
    found = sorted(VERSIONS.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    other = shutil.which("initdb")
    if not found and other is None:
        pytest.skip("there is no PostgreSQL here: install Debian's package `postgresql`")
    return found[-1].parent if found else Path(str(other)).parent
