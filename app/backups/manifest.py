"""The manifest of a backup: what it holds. It is written last, so that without one there is no backup."""

from __future__ import annotations

import binascii
import json
import re
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from app.audit.chain import is_same
from app.backups.errors import BackupError, TamperedBackupError
from app.backups.places import Place
from app.backups.rows import Column
from app.backups.secrets import CHANGED, Secret
from app.backups.streams import Stream
from app.keys import Keyring
from app.keys.keyring import WRAPPED_BYTES

FORMAT = 1
BACKUPS = "backups"
ID = re.compile(r"\d{8}T\d{12}Z-[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class TableListed:
    """A table of the backup."""

    columns: tuple[Column, ...]
    stream: Stream


@dataclass(frozen=True, slots=True)
class ObjectsListed:
    """The objects that the rows name: `gone` were erased while the backup was made, `missing` were lost before."""

    stream: Stream
    size: int
    gone: int
    missing: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds; `taken_at` is the moment that its rows are of, `log_position` where the audit log ended."""

    id: str
    version: str
    revision: str
    engine: str
    taken_at: datetime
    finished_at: datetime
    log_position: int
    tables: Mapping[str, TableListed]
    objects: ObjectsListed
    anchors: Stream
    erasures: Stream

    @property
    def whole(self) -> bool:
        """Whether nothing was missing from the site."""
        return self.objects.missing == 0


@dataclass(frozen=True, slots=True)
class Backup:
    """A whole backup in a place, whose manifest is genuine, and the key to what it lists."""

    place: Place
    manifest: Manifest
    secret: Secret


def name_of(backup_id: str) -> str:
    """Return where the manifest of a backup is."""
    return f"{BACKUPS}/{backup_id}/manifest.json"


def write(place: Place, secret: Secret, manifest: Manifest) -> None:
    """Write the manifest, which makes the backup whole."""
    said = {"format": FORMAT, **asdict(manifest), "key": b64encode(secret.wrapped).decode()}
    said |= {name: getattr(manifest, name).isoformat() for name in ("taken_at", "finished_at")}
    sealed = {**said, "seal": secret.seal(_canonical(said))}
    place.put(name_of(manifest.id), json.dumps(sealed, indent=1).encode())


def ids_in(place: Place) -> list[str]:
    """Return what the whole backups of a place are called, the oldest first."""
    names = (key.split("/") for key, _ in place.keys(BACKUPS))
    return sorted(parts[1] for parts in names if parts[2:] == ["manifest.json"] and ID.fullmatch(parts[1]))


def opened(place: Place, keyring: Keyring, backup_id: str | None = None) -> Backup:
    """Read a backup of a place, the newest unless one is named; BackupError if there is none that is genuine."""
    if backup_id is None:
        found = ids_in(place)
        if not found:
            raise BackupError("There is no whole backup here.")
        backup_id = found[-1]
    if not ID.fullmatch(backup_id):
        raise BackupError(f"There is no backup called {backup_id} here.")
    try:
        content = place.get(name_of(backup_id))
    except FileNotFoundError as error:
        raise BackupError(f"There is no whole backup called {backup_id} here.") from error
    secret, said = _genuine(keyring, backup_id, content)
    return Backup(place, _read(said), secret)


def all_in(place: Place, keyring: Keyring) -> Iterator[Backup]:
    """Yield every whole backup of a place, the oldest first; BackupError for one that is not genuine."""
    for backup_id in ids_in(place):
        yield opened(place, keyring, backup_id)


def _genuine(keyring: Keyring, backup_id: str, content: bytes) -> tuple[Secret, dict[str, Any]]:
    changed = CHANGED.format(backup_id)
    try:
        said = json.loads(content)
        written, wrapped = str(said.pop("seal")), b64decode(said["key"], validate=True)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, binascii.Error) as error:
        raise TamperedBackupError(changed) from error
    if len(wrapped) != WRAPPED_BYTES:
        raise TamperedBackupError(changed)
    secret = Secret.of(keyring, backup_id, wrapped)
    if said.get("id") != backup_id or not is_same(written, secret.seal(_canonical(said))):
        raise TamperedBackupError(changed)
    if said["format"] != FORMAT:
        raise BackupError(f"The backup {backup_id} is of a later form than this version of Lentigo knows.")
    return secret, said


def _read(said: dict[str, Any]) -> Manifest:
    objects = said["objects"]
    return Manifest(
        **{name: str(said[name]) for name in ("id", "version", "revision", "engine")},
        taken_at=datetime.fromisoformat(said["taken_at"]).astimezone(UTC),
        finished_at=datetime.fromisoformat(said["finished_at"]).astimezone(UTC),
        log_position=int(said["log_position"]),
        tables={
            name: TableListed(tuple(Column(**column) for column in table["columns"]), Stream.of(table["stream"]))
            for name, table in said["tables"].items()
        },
        objects=ObjectsListed(
            Stream.of(objects["stream"]), int(objects["size"]), int(objects["gone"]), int(objects["missing"])
        ),
        anchors=Stream.of(said["anchors"]),
        erasures=Stream.of(said["erasures"]),
    )


def _canonical(said: Mapping[str, Any]) -> bytes:
    return json.dumps(said, sort_keys=True, separators=(",", ":")).encode()
