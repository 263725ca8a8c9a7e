"""What was kept in the folder is there after a power cut, and a disk that fails leaves nothing half-written.

The disk is a copy of what was flushed to it: a file's bytes by `fsync` of the file, its name by that of its folder.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.errors import StorageFullError, StorageUnavailableError
from app.storage.local import LocalStorage
from config import Settings
from tests.factories import post
from tests.pictures import lesion_picture, png

KEYS = {"analyses/A/photograph.png": b"photograph" * 9000, "analyses/A/thumbnail.jpg": b"thumbnail"}


class Disk:
    """Remembers what would be left of a folder if the power went out, and can fail at any call."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.bytes_of: dict[int, bytes] = {}  # of files, by the number of their inode
        self.names: dict[Path, dict[str, int]] = {}  # of folders, once they were flushed
        self.calls: list[str] = []
        self.fail_at = -1
        self.error = errno.ENOSPC
        for name in ("fsync", "replace", "mkdir"):
            monkeypatch.setattr(os, name, self._watched(name, getattr(os, name)))
        self._flush(folder)

    def _watched(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            self.calls.append(name)
            if len(self.calls) - 1 == self.fail_at:
                raise OSError(self.error, os.strerror(self.error))
            result = real(*args, **options)
            if name == "fsync":
                self._flush(Path(os.readlink(f"/proc/self/fd/{args[0]}")))  # noqa: PTH115 - no file of ours
            return result

        return call

    def _flush(self, path: Path) -> None:
        if path.is_dir():
            self.names[path] = {each.name: each.stat().st_ino for each in path.iterdir()}
        else:
            self.bytes_of[path.stat().st_ino] = path.read_bytes()

    def after_a_power_cut(self) -> dict[str, bytes | None]:
        """Return what each key holds then; None if its bytes are lost, though its name is there."""
        found: dict[str, bytes | None] = {}
        reached = [self.folder]
        for folder in reached:
            for name, inode in self.names.get(folder, {}).items():
                if inode in self.bytes_of or name.endswith((".png", ".jpg")):
                    found[(folder / name).relative_to(self.folder).as_posix()] = self.bytes_of.get(inode)
                else:
                    reached.append(folder / name)
        return {key: content for key, content in found.items() if not key.startswith(".partial-")}


@pytest.fixture
def storage(tmp_path: Path) -> LocalStorage:
    return LocalStorage(tmp_path / "files")


@pytest.fixture
def disk(storage: LocalStorage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(tmp_path / "files", monkeypatch)


def left(tmp_path: Path) -> list[str]:
    return [path.name for path in (tmp_path / "files").rglob("*") if path.is_file()]


def test_what_was_kept_is_there_after_a_power_cut(storage: LocalStorage, disk: Disk) -> None:
    storage.put_all(KEYS)

    assert disk.after_a_power_cut() == KEYS


def test_the_disk_is_waited_for_once_for_each_file_and_each_folder(storage: LocalStorage, disk: Disk) -> None:
    storage.put_all(KEYS)
    first = disk.calls.count("fsync")
    storage.put_all({key.replace("A", "B"): content for key, content in KEYS.items()})

    assert first == 2 + 3  # the photograph, the thumbnail; their folder, that of all analyses, that of all files
    assert disk.calls.count("fsync") - first == 2 + 2


def test_another_content_is_there_whole_or_the_one_before(storage: LocalStorage, disk: Disk) -> None:
    key = "analyses/A/photograph.png"
    storage.put(key, b"before")
    calls = len(disk.calls)
    seen = []
    for at in range(10):
        disk.fail_at = len(disk.calls) + at
        try:
            storage.put(key, b"after")
        except StorageFullError:
            seen.append(disk.after_a_power_cut()[key])
        else:
            break

    assert seen
    assert set(seen) <= {b"before", b"after"}
    assert len(disk.calls) > calls
    assert disk.after_a_power_cut() == {key: b"after"}


@pytest.mark.parametrize(
    ("number", "error"),
    [(errno.ENOSPC, StorageFullError), (errno.EDQUOT, StorageFullError), (errno.EIO, StorageUnavailableError)],
)
def test_a_disk_that_fails_at_any_call_leaves_nothing_half_written(
    storage: LocalStorage, disk: Disk, tmp_path: Path, number: int, error: type[Exception]
) -> None:
    disk.error = number
    failures = 0
    for at in range(20):
        disk.calls, disk.fail_at = [], at
        try:
            storage.put_all(KEYS)
        except error:
            failures += 1
            assert not [name for name in left(tmp_path) if name.startswith(".partial-")]
            assert all(content in KEYS.values() for content in disk.after_a_power_cut().values())
            storage.delete_all(KEYS)
        else:
            break

    assert failures >= 7
    assert sorted(left(tmp_path)) == ["photograph.png", "thumbnail.jpg"]


def test_bytes_that_do_not_fit_are_taken_back(
    storage: LocalStorage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open("/dev/full", "wb") as full:  # noqa: PTH123 - the kernel's own full disk
        monkeypatch.setattr("app.storage.durable.os.fdopen", lambda handle, _mode: _onto(full.fileno(), handle))
        with pytest.raises(StorageFullError, match="is full"):
            storage.put_all(KEYS)

    assert left(tmp_path) == []


def _onto(full: int, handle: int) -> Any:
    os.dup2(full, handle)
    return open(handle, "wb")


def test_a_folder_that_is_gone_is_neither_made_anew_nor_taken_for_empty(storage: LocalStorage, tmp_path: Path) -> None:
    (tmp_path / "files").rename(tmp_path / "unmounted")

    for use in (lambda: storage.put_all(KEYS), lambda: storage.get("analyses/A/photograph.png")):
        with pytest.raises(StorageUnavailableError):
            use()
    assert not (tmp_path / "files").exists()


def test_what_is_answered_was_flushed_before(
    settings: Settings, reader: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[str] = []
    real = os.fsync

    def fsync(handle: int) -> None:
        flushed.append(Path(os.readlink(f"/proc/self/fd/{handle}")).name)  # noqa: PTH115 - no file of ours
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    reader.get("/index")
    looked = list(flushed)
    post(reader, "/prediction", {"patient_name": "Ingrid", "image": (BytesIO(png(lesion_picture(seed=1))), "a.png")})

    assert looked == []
    assert flushed[-1] == "lentigo.sqlite3-wal"  # after the photograph, the thumbnail and their folders
    assert len(flushed) == 2 + 3 + 1
