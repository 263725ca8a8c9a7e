"""Time backup and restore of a site, and write the figures into docs/backup.md: ``python -m bench.backups``.

Rows of 100,000 tests, and photographs of 2,000 of them: the others' are not there, which the backup counts and tells.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from flask_migrate import upgrade
from sqlalchemy import select

from app.auth.tables import Clinic, User
from app.extensions import db
from app.factory import create_app
from app.results.tables import Analysis, keys_of
from app.security.roles import ADMINISTRATOR
from app.storage import current_storage
from bench.clinic import fill, without_indexes
from config import ROOT, Settings

TESTS, FEW, PHOTOGRAPHS = 100_000, 4_000, 2_000
SIZES = (300_000, 6_000)  # bytes of a photograph and of its thumbnail
PAGE = ROOT / "docs" / "backup.md"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"


def main() -> None:
    """Measure both sizes, and write the table as it grows."""
    table = ["| Tests | Step | Seconds | Peak memory | Written |", "| --- | --- | --- | --- | --- |"]
    with tempfile.TemporaryDirectory(prefix="lentigo-bench-") as folder:
        for tests in (TESTS, FEW):
            for row in _measured(Path(folder, str(tests)), tests):
                print(row, flush=True)
                table.append(row)
                _write(table)


def _write(table: list[str]) -> None:
    before, _, rest = PAGE.read_text().partition(BEGIN)
    PAGE.write_text("\n".join([f"{before}{BEGIN}", *table, f"{END}{rest.partition(END)[2]}"]))


def _measured(folder: Path, tests: int) -> Iterator[str]:
    site, other, target = folder / "site", folder / "other", folder / "backups"
    site.mkdir(parents=True)
    _fill(site, tests)
    other.mkdir()
    (other / "master_key").write_bytes((site / "master_key").read_bytes())
    steps: Sequence[tuple[str, Path, tuple[str, ...], Path]] = (
        ("first backup", site, ("backup", str(target)), target),
        ("second backup", site, ("backup", str(target)), target),
        ("verify", site, ("backup", "verify", str(target)), target),
        ("restore", other, ("restore", str(target)), other),
    )
    for name, instance, command, written in steps:
        size = _size(written)
        seconds, memory = _run(instance, *command)
        new = (_size(written) - size) / 1e6
        yield f"| {tests:,} | {name} | {seconds:.1f} | {memory:.0f} MB | {new:,.0f} MB |"


def _fill(instance: Path, tests: int) -> None:
    app = create_app(Settings(instance=instance))
    with app.app_context():
        upgrade()
        clinic = Clinic(name="Bench")
        db.session.add(clinic)
        db.session.flush()
        nobody = {"name": "Bench", "email": "bench@clinic.example", "password_hash": "none"}
        person = User(clinic_id=clinic.id, role=ADMINISTRATOR, **nobody)
        db.session.add(person)
        db.session.commit()
        author = person.id, clinic.id
        with without_indexes(db.engine):
            fill(db.engine, author=author, tests=tests)
        for public_id in islice(db.session.scalars(select(Analysis.public_id)), PHOTOGRAPHS):
            for key, size in zip(keys_of(public_id), SIZES, strict=True):
                current_storage().put(key, secrets.token_bytes(size))


def _run(instance: Path, *command: str) -> tuple[float, float]:
    """Return the seconds and the highest memory, in megabytes, of a command."""
    start = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", *command],
        cwd=ROOT,
        env={**os.environ, "LENTIGO_INSTANCE": str(instance)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said = process.stdout.read() if process.stdout else ""
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in {0, 1} or "Traceback" in said:
        raise SystemExit(said)
    return time.monotonic() - start, used.ru_maxrss / 1024


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    main()
