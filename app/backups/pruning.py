"""Remove backups that are no longer wanted, and the objects that none of the others lists.

A backup that is being made counts on objects that are there, so that it and a removal never go on at the same time:
each says that it begins, and only then looks whether the other has.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.backups import manifest, objects
from app.backups.errors import BackupError
from app.backups.manifest import BACKUPS, Backup, Manifest
from app.backups.places import Place, is_there
from app.clock import now
from app.keys import Keyring

PRUNING = f"{BACKUPS}/pruning"
DEAD_AFTER = timedelta(days=1)  # without a file that is written: whoever made it was killed


@dataclass(frozen=True, slots=True)
class Keep:
    """How many backups are kept: the newest, and the newest of so many days, weeks and months that have one."""

    last: int = 0
    daily: int = 0
    weekly: int = 0
    monthly: int = 0


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was removed."""

    backups: tuple[str, ...]
    unfinished: int
    objects: int


def hold_off(place: Place, backup_id: str) -> None:
    """Begin a backup; BackupError while others are removed."""
    place.put(f"{BACKUPS}/{backup_id}/begun", now().isoformat().encode())
    if is_there(place, PRUNING):
        _remove(place, backup_id)
        raise BackupError(
            "Backups are being removed here just now, or were when that was killed: wait, or run `backup prune` again."
        )


def prune(place: Place, keyring: Keyring, keep: Keep) -> Pruned:
    """Remove what is not to be kept; BackupError while a backup is made, or if one of those kept can't be read."""
    place.put(PRUNING, now().isoformat().encode())
    try:
        dead = _unfinished(place)
        backups = list(manifest.all_in(place, keyring))
        kept = kept_of([backup.manifest for backup in backups], keep)
        going = [backup.manifest.id for backup in backups if backup.manifest.id not in kept]
        for backup_id in (*dead, *going):
            _remove(place, backup_id)
        removed = _remove_objects(place, [backup for backup in backups if backup.manifest.id in kept])
    finally:
        place.delete(PRUNING)
    return Pruned(tuple(going), len(dead), removed)


def kept_of(backups: Sequence[Manifest], keep: Keep) -> frozenset[str]:
    """Return what is kept: by days and so on as asked, and always the newest, and the newest that lacks nothing."""
    newest = sorted(backups, key=lambda backup: backup.taken_at, reverse=True)
    whole = [backup for backup in newest if backup.whole]
    kept = {backup.id for backup in (*newest[: max(1, keep.last)], *whole[:1])}
    for number, period in ((keep.daily, _day), (keep.weekly, _week), (keep.monthly, _month)):
        kept |= {backup.id for backup in _newest_of_each(newest, period, number)}
    return frozenset(kept)


def _newest_of_each(newest: Iterable[Manifest], period: Callable[[datetime], str], number: int) -> list[Manifest]:
    found: dict[str, Manifest] = {}
    for backup in newest:
        found.setdefault(period(backup.taken_at), backup)
    return list(found.values())[:number]


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"


def _week(moment: datetime) -> str:
    return f"{moment:%G-%V}"


def _month(moment: datetime) -> str:
    return f"{moment:%Y-%m}"


def _unfinished(place: Place) -> list[str]:
    """Return what was begun and never finished; BackupError if something of it was written a short time ago."""
    whole, written = set(manifest.ids_in(place)), dict[str, datetime]()
    for key, moment in place.keys(BACKUPS):
        backup_id = key.split("/")[1]
        if key != PRUNING and backup_id not in whole:
            written[backup_id] = max(moment, written.get(backup_id, moment))
    if any(moment > now() - DEAD_AFTER for moment in written.values()):
        raise BackupError("A backup is being made here, or was killed less than a day ago. Nothing was removed.")
    return sorted(written)


def _remove(place: Place, backup_id: str) -> None:
    """Remove a backup, its manifest first: what is left if this is killed is no backup."""
    place.delete(manifest.name_of(backup_id))
    for key in [key for key, _ in place.keys(f"{BACKUPS}/{backup_id}")]:
        place.delete(key)


def _remove_objects(place: Place, kept: Iterable[Backup]) -> int:
    """Remove the objects that no backup lists, and return how many; the names are kept in a file meanwhile."""
    removed = 0
    with closing(sqlite3.connect("")) as listed:  # a temporary file: there may be millions
        listed.execute("CREATE TABLE names (name TEXT PRIMARY KEY) WITHOUT ROWID")
        for backup in kept:
            listed.executemany("INSERT OR IGNORE INTO names VALUES (?)", _names(backup))
        for key in [key for key, _ in place.keys(objects.FOLDER)]:
            if listed.execute("SELECT 1 FROM names WHERE name = ?", (key,)).fetchone() is None:
                place.delete(key)
                removed += 1
    return removed


def _names(backup: Backup) -> Iterator[tuple[str]]:
    return ((listed.name,) for listed in objects.listed_in(backup) if listed.name is not None)
