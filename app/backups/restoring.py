"""Restore a backup: the objects, then all rows in one transaction, then what has to follow; each may be done again.

While it goes on, the table `restoring` says so, made and dropped in the transactions that begin and end the change.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from alembic.script import ScriptDirectory
from flask_migrate import upgrade
from sqlalchemy import Connection, Engine, MetaData, Table, delete, func, inspect, select, table, text
from sqlalchemy.orm import Session

from app.audit import Event, anchors, note
from app.audit.events import OPERATE
from app.audit.jobs import anchor as write_anchor
from app.audit.register import BOOKKEEPING
from app.audit.restoring import acknowledge, set_aside
from app.audit.verification import verify
from app.backups import objects
from app.backups.errors import BackupError
from app.backups.loading import load, writing
from app.backups.making import REVISION, Site
from app.backups.manifest import Backup
from app.backups.rows import NOT_COPIED
from app.backups.streams import Stream, read
from app.encrypted.ciphers import ciphers_of
from app.erasures import ledger
from app.erasures.again import listed as listed_erasures
from app.erasures.again import told
from app.erasures.jobs import file_erasures
from app.erasures.records import Erased
from app.erasures.services import erase_again
from app.revisions import RESTORING

OF_NOBODY = BOOKKEEPING | {"compatibility", "periodic_jobs"} | NOT_COPIED  # what a site has that nobody has used yet
# what would be done again, or opens what has been closed since: everybody signs in anew
LET_GO = ("sign_ins", "pending_sign_ins", "links", "outgoing_mail", "idempotency_keys")
FUNCTIONS = text("""
    SELECT p.oid::regprocedure FROM pg_proc AS p
    WHERE pronamespace = current_schema()::regnamespace
    AND NOT EXISTS (SELECT 1 FROM pg_depend AS d WHERE d.objid = p.oid AND d.deptype = 'e')
""")


@dataclass(frozen=True, slots=True)
class Found:
    """What is in the way of a restore: how many rows a site has, and of which backup it is half-way restored."""

    rows: Mapping[str, int]
    restoring: str | None


def found_here(engine: Engine) -> Found:
    """Look at the site that a backup is to be restored to."""
    with engine.connect() as connection:
        names = set(inspect(connection).get_table_names())
        of_people = sorted(names - OF_NOBODY)
        counts = {name: connection.scalar(select(func.count()).select_from(table(name))) or 0 for name in of_people}
        marked = select(text("backup")).select_from(table(RESTORING))
        half_way = connection.scalar(marked) if RESTORING in names else None
    return Found({name: count for name, count in counts.items() if count}, half_way)


def put_back(site: Site, backup: Backup, tell: Callable[[], None]) -> int:
    """Put objects and rows back, and return how many objects were not there yet; BackupError, and no row is changed."""
    _prepare(site, backup)
    count = objects.put_back(site.storage, backup, tell)
    with writing(site.engine) as connection:
        load(connection, backup)
        _mark(connection, backup)
    _forget(site)
    return count


def finish(site: Site, session: Session, backup: Backup, lists: Collection[Path] = ()) -> Iterator[str]:
    """Do what has to follow, and say of each step what it did, if anything; the caller commits whenever this yields.

    `lists` are files of erasures that were kept elsewhere.
    """
    upgrade()
    _forget(site)
    yield from _let_go(session)
    yield from _erase_again(site, session, backup, lists)
    yield from _go_on_with_log(site, session, backup)
    with writing(site.engine) as connection:
        connection.exec_driver_sql(f"DROP TABLE {RESTORING}")


def _prepare(site: Site, backup: Backup) -> None:
    """Make the tables as they were when the backup was made."""
    script = ScriptDirectory(str(site.settings.migrations))
    wanted = backup.manifest.revision
    if wanted not in {each.revision for each in script.walk_revisions()}:
        raise BackupError(
            f"The backup was made by a later version ({backup.manifest.version}, revision {wanted}). Install that one."
        )
    with site.engine.connect() as connection:
        there = inspect(connection).has_table("alembic_version")
        revision = connection.scalar(REVISION) if there else None
    if revision == wanted:
        return
    with writing(site.engine) as connection:
        _clear(connection)
    site.engine.dispose()
    upgrade(revision=wanted)
    _forget(site)


def _clear(connection: Connection) -> None:
    """Drop all tables, and in PostgreSQL the functions of their triggers."""
    on_postgresql, inspector = connection.dialect.name == "postgresql", inspect(connection)
    names = [name for name, _ in inspector.get_sorted_table_and_fkc_names() if name]
    for name in reversed(names):
        connection.exec_driver_sql(f'DROP TABLE "{name}"{" CASCADE" if on_postgresql else ""}')
    if on_postgresql:
        for signature in connection.scalars(FUNCTIONS).all():
            connection.exec_driver_sql(f"DROP FUNCTION {signature}")


def _mark(connection: Connection, backup: Backup) -> None:
    connection.exec_driver_sql(f"DROP TABLE IF EXISTS {RESTORING}")
    connection.exec_driver_sql(f"CREATE TABLE {RESTORING} (backup VARCHAR(32) NOT NULL)")
    connection.execute(text(f"INSERT INTO {RESTORING} VALUES (:backup)"), {"backup": backup.manifest.id})  # noqa: S608 - ours


def _forget(site: Site) -> None:
    """Look up the keys of the database anew: those of the backup are others than those of an empty site."""
    ciphers_of(site.engine.dialect).forget()
    site.engine.dispose()


def _let_go(session: Session) -> Iterator[str]:
    there = MetaData()
    for name in LET_GO:
        session.execute(delete(Table(name, there, autoload_with=session.connection())))
    yield "Everybody signs in anew; links that were mailed open nothing, and letters that waited are not sent again."


def _erase_again(site: Site, session: Session, backup: Backup, lists: Collection[Path]) -> Iterator[str]:
    own = ledger.path_of(site.settings)
    known, again = own.exists(), Counter[str]()
    of_backup = {Erased.of(line) for line in _lines(backup, "erasures", backup.manifest.erasures)}
    listed = listed_erasures(session, own, lists) | of_backup
    unfiled = of_backup - set(ledger.read(own, torn=True)) if known else of_backup
    if unfiled:
        ledger.append(own, sorted(unfiled, key=lambda one: one.erased_at))
    for one, was_there in erase_again(session, sorted(listed, key=lambda one: one.erased_at)):
        yield ""  # each is committed by itself
        again[one.kind] += was_there
    file_erasures()
    yield told(again)
    if not known and not lists:
        yield (
            f"There was no list of erasures here: who was erased after {backup.manifest.taken_at:%Y-%m-%d %H:%M} UTC "
            "is back. If you have that list elsewhere, run `erasures apply FILE` before anybody works here."
        )


def _go_on_with_log(site: Site, session: Session, backup: Backup) -> Iterator[str]:
    path = anchors.file_of(site.settings)
    if not path.exists():
        anchors.put_back(path, _lines(backup, "anchors", backup.manifest.anchors))
    details = {"backup": backup.manifest.id, "ended": backup.manifest.log_position}
    if not verify(session, path).sound:
        before = acknowledge(session, path)
        yield f"The audit log had gone on to number {before:,}. What the backup lacks of it is lost; that is recorded."
        yield f"The anchors of before are in {set_aside(path).name}: keep them."
    note(session, Event(OPERATE, "restore", channel="command", details=details))
    yield ""
    write_anchor()
    yield (
        "The audit log is sound." if verify(session, path).sound else "The audit log is not sound: see `audit verify`."
    )


def _lines(backup: Backup, name: str, stream: Stream) -> Iterator[str]:
    return (line.decode() for line in read(backup.place, backup.secret, name, stream))
