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
# nothing of it needs to survive a power cut
HASTY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "listen_addresses=", "timezone=UTC")
# on whichever database a test is run otherwise
on_both = pytest.mark.parametrize("on_postgresql", [False, True], ids=["sqlite", "postgresql"])


@dataclass(frozen=True)
class Server:
    """A running server; everybody who reaches its socket is believed."""

    folder: Path

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

    def _run(self, statement: str) -> None:
        with psycopg.connect(host=str(self.folder), user="lentigo", dbname="postgres", autocommit=True) as connection:
            connection.execute(statement.encode())


def contents(connection: Connection) -> bytes:
    """Return what stands in all rows of a database, as text."""
    names = inspect(connection).get_table_names()
    rows = (connection.exec_driver_sql(f'SELECT t::text FROM "{name}" t').scalars() for name in names)  # noqa: S608 - ours
    return "\n".join(chain.from_iterable(rows)).encode()


@contextmanager
def running() -> Iterator[Server]:
    """Run a server; where PostgreSQL is not installed the test is skipped, which fails where CI is set."""
    programs = _programs()
    folder = Path(tempfile.mkdtemp(prefix="lentigo-postgresql-"))
    user = WHOEVER_RUNS_IT if os.geteuid() == 0 else None
    if user is not None:
        shutil.chown(folder, user)

    def run(program: str, *arguments: str) -> None:
        command = [str(programs / program), "-D", str(folder / "data"), *arguments]
        subprocess.run(command, check=True, user=user, cwd=folder, stdout=subprocess.DEVNULL, timeout=60)

    try:
        run("initdb", "--auth=trust", "--username=lentigo", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
        options = " ".join(("-k", str(folder), *(f"-c {setting}" for setting in HASTY)))
        run("pg_ctl", "--wait", f"--log={folder / 'log'}", "-o", options, "start")
        try:
            yield Server(folder)
        finally:
            run("pg_ctl", "--wait", "--mode=immediate", "stop")
    finally:
        shutil.rmtree(folder)


def _programs() -> Path:
    found = sorted(VERSIONS.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    other = shutil.which("initdb")
    if not found and other is None:
        pytest.skip("there is no PostgreSQL here: install Debian's package `postgresql`")
    return found[-1].parent if found else Path(str(other)).parent
