"""Make a backup while the site runs: rows of one moment, then the objects that they name, the manifest last."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO

from sqlalchemy import Connection, Engine, select, text
from sqlalchemy.orm import Session

from app.audit import anchors
from app.audit.log import head_of
from app.backups import manifest, objects, pruning
from app.backups.errors import BackupError
from app.backups.manifest import Manifest, ObjectsListed, TableListed
from app.backups.places import Place
from app.backups.rows import Shape, lines_of, shapes_of, snapshot
from app.backups.secrets import Secret
from app.backups.streams import Stream, Writer
from app.clock import now
from app.erasures.records import Erased
from app.erasures.tables import Erasure
from app.keys import Keyring
from app.product import VERSION
from app.storage.encryption import EncryptedStorage
from app.storage.named import named_objects
from config import Settings

AT_ONCE = 1_000
REVISION = text("SELECT version_num FROM alembic_version")


@dataclass(frozen=True)
class Site:
    """What a backup is made of, and restored to."""

    engine: Engine
    storage: EncryptedStorage
    keyring: Keyring
    settings: Settings


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was made just now, and what of it the place did not have yet."""

    manifest: Manifest
    copied: int
    copied_bytes: int


@dataclass(frozen=True, slots=True)
class _Rows:
    revision: str
    taken_at: datetime
    log_position: int
    tables: dict[str, TableListed]


def make(site: Site, place: Place, tell: Callable[[], None] = lambda: None) -> Made:
    """Make a backup; `tell` is called for each object. BackupError, OSError: what was written is no backup then."""
    secret = Secret.new(site.keyring, _new_id())
    pruning.hold_off(place, secret.backup_id)
    with tempfile.TemporaryFile("w+", encoding="ascii") as keys:
        rows = _write_rows(site.engine, place, secret, keys)
        keys.seek(0)
        listed, copied, copied_bytes = _write_objects(site, place, secret, keys, tell)
    made = Manifest(
        id=secret.backup_id,
        version=VERSION,
        revision=rows.revision,
        engine=site.engine.dialect.name,
        taken_at=rows.taken_at,
        finished_at=now(),
        log_position=rows.log_position,
        tables=rows.tables,
        objects=listed,
        anchors=_write_anchors(site.settings, place, secret, rows.log_position),
        erasures=_write_erasures(site.engine, place, secret),  # the last, so that it knows what was erased meanwhile
    )
    manifest.write(place, secret, made)
    return Made(made, copied, copied_bytes)


def _new_id() -> str:
    return f"{now():%Y%m%dT%H%M%S%fZ}-{secrets.token_hex(4)}"


def _write_rows(engine: Engine, place: Place, secret: Secret, keys: IO[str]) -> _Rows:
    with snapshot(engine) as connection:
        revision = connection.scalar(REVISION)
        if revision is None:
            raise BackupError("There is nothing to back up: the database has no tables yet.")
        with Session(connection) as session:
            head = head_of(session)
            moment = now()
            tables = {shape.name: _write_table(connection, shape, place, secret) for shape in shapes_of(connection)}
        keys.writelines(f"{key}\n" for key in named_objects(connection))
    return _Rows(revision, moment, head[0].position if head else 0, tables)


def _write_table(connection: Connection, shape: Shape, place: Place, secret: Secret) -> TableListed:
    writer = Writer(place, secret, f"rows-{shape.name}")
    for line in lines_of(connection, shape):
        writer.add(line)
    return TableListed(shape.columns, writer.close())


def _write_objects(
    site: Site, place: Place, secret: Secret, keys: IO[str], tell: Callable[[], None]
) -> tuple[ObjectsListed, int, int]:
    writer, absent, copied, size = Writer(place, secret, objects.STREAM), set[str](), 0, 0
    for listed in objects.copy(site.storage, place, (line.rstrip("\n") for line in keys), writer):
        tell()
        if listed.name is None:
            absent.add(listed.key)
        copied, size = copied + listed.copied, size + listed.size
    missing = _still_named(site.engine, absent)
    return ObjectsListed(writer.close(), size, len(absent) - missing, missing), copied, size


def _still_named(engine: Engine, keys: set[str]) -> int:
    """Count those of some objects that rows name even now: the others were erased while the backup was made."""
    if not keys:
        return 0
    with snapshot(engine) as connection:
        return len(keys & set(named_objects(connection)))


def _write_anchors(settings: Settings, place: Place, secret: Secret, last: int) -> Stream:
    """Write the anchors up to where the log ends in the snapshot, each as it stands in its file."""
    writer, path = Writer(place, secret, "anchors"), anchors.file_of(settings)
    for line in anchors.lines_up_to(path, last):
        writer.add(line.encode())
    return writer.close()


def _write_erasures(engine: Engine, place: Place, secret: Secret) -> Stream:
    writer = Writer(place, secret, "erasures")
    for line in _erasures(engine):
        writer.add(line.encode())
    return writer.close()


def _erasures(engine: Engine) -> Iterator[str]:
    with Session(engine) as session:
        ordered = select(Erasure).order_by(Erasure.id).execution_options(yield_per=AT_ONCE)
        for row in session.scalars(ordered):
            yield Erased(row.kind, row.public_id, row.erased_at).line()
