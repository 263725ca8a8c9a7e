"""What is kept in files is encrypted, and belongs to its place."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from app.factory import create_app
from app.keys.keyring import Keyring, TamperedError, UnknownKeyError
from app.keys.sources import new_master_key
from app.storage.cli import SETTLED_AFTER
from app.storage.encryption import MAGIC, EncryptedStorage
from app.storage.local import LocalStorage
from app.storage.sealing import LEFT, SEALED, UNREADABLE, seal_all
from config import Settings
from tests.fakes import FakeClassifiers

OLD, NEW = bytes(32), bytes(range(32))
KEY, OTHER = "analyses/A/photograph.png", "analyses/B/photograph.png"
CONTENT = b"\x89PNG a photograph of Ingrid's back" * 100


def stored(folder: Path, *keys: bytes) -> EncryptedStorage:
    return EncryptedStorage(LocalStorage(folder), Keyring(lambda: keys))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "files"


@pytest.mark.parametrize("content", [b"", b"x", CONTENT])
def test_a_file_comes_back_and_can_not_be_read_on_the_disk(folder: Path, content: bytes) -> None:
    stored(folder, NEW).put(KEY, content)

    kept = (folder / KEY).read_bytes()
    assert kept.startswith(MAGIC)
    assert b"Ingrid" not in kept
    assert stored(folder, NEW).get(KEY) == content


def test_equal_files_look_different_on_the_disk(folder: Path) -> None:
    storage = stored(folder, NEW)
    storage.put(KEY, CONTENT)
    storage.put(OTHER, CONTENT)

    assert (folder / KEY).read_bytes()[8:] != (folder / OTHER).read_bytes()[8:]


def test_without_the_key_nothing_can_be_read(folder: Path) -> None:
    stored(folder, OLD).put(KEY, CONTENT)

    with pytest.raises(UnknownKeyError):
        stored(folder, NEW).get(KEY)


def test_a_file_that_was_moved_is_refused(folder: Path) -> None:
    storage = stored(folder, NEW)
    storage.put(KEY, CONTENT)
    (folder / OTHER).parent.mkdir()
    os.replace(folder / KEY, folder / OTHER)

    with pytest.raises(TamperedError):
        storage.get(OTHER)


@pytest.mark.parametrize("at", [0, 7, 12, 40, 71, 72, 83, 84, 500, -1])
def test_a_changed_byte_is_refused_wherever_it_is(folder: Path, at: int) -> None:
    storage = stored(folder, NEW)
    storage.put(KEY, CONTENT)
    kept = bytearray((folder / KEY).read_bytes())
    kept[at] ^= 1
    (folder / KEY).write_bytes(kept)

    with pytest.raises((TamperedError, UnknownKeyError)):
        storage.get(KEY)


@pytest.mark.parametrize("length", [0, 8, 50, 72, 84, 99, 200])
def test_what_is_cut_off_is_refused(folder: Path, length: int) -> None:
    storage = stored(folder, NEW)
    storage.put(KEY, CONTENT)
    (folder / KEY).write_bytes((folder / KEY).read_bytes()[:length])

    with pytest.raises((TamperedError, UnknownKeyError)):
        storage.get(KEY)


def test_what_somebody_put_there_in_the_clear_is_refused(folder: Path) -> None:
    storage = stored(folder, NEW)
    LocalStorage(folder).put(KEY, CONTENT)

    with pytest.raises(TamperedError):
        storage.get(KEY)


def test_a_new_master_key_is_put_before_files_without_writing_them_anew(folder: Path) -> None:
    stored(folder, OLD).put(KEY, CONTENT)
    before = (folder / KEY).read_bytes()

    both = stored(folder, NEW, OLD)
    counts = [seal_all(both), seal_all(both)]

    after = (folder / KEY).read_bytes()
    assert counts == [{SEALED: 1}, {LEFT: 1}]
    assert (after[72:], len(after)) == (before[72:], len(before))
    assert stored(folder, NEW).get(KEY) == CONTENT


def test_a_file_that_can_not_be_read_keeps_no_other_from_being_sealed(folder: Path) -> None:
    stored(folder, OLD).put(KEY, CONTENT)
    LocalStorage(folder).put(OTHER, CONTENT)

    counts = seal_all(stored(folder, NEW))

    assert counts == {SEALED: 1, UNREADABLE: 1}
    assert stored(folder, NEW).get(OTHER) == CONTENT


def test_files_are_read_written_and_erased_while_the_key_is_changed(folder: Path) -> None:
    keys = [OLD]
    keyring = Keyring(lambda: tuple(keys))
    storage = EncryptedStorage(LocalStorage(folder), keyring)
    names = [f"analyses/{number}/photograph.png" for number in range(200)]
    for name in names:
        storage.put(name, CONTENT)
    failures: list[str] = []

    def use() -> None:
        failures.extend(name for name in names if storage.get(name) != CONTENT)
        for name in names[:50]:
            storage.delete(name)

    user = threading.Thread(target=use)
    keys.insert(0, NEW)
    user.start()
    seal_all(storage)
    keyring.read_again()
    user.join()
    seal_all(storage)

    assert failures == []
    assert all(stored(folder, NEW).get(name) == CONTENT for name in names[50:])


def test_the_commands_change_the_master_key_of_a_local_site(tmp_path: Path) -> None:
    settings = Settings(environment="testing", instance=tmp_path / "instance")
    app = create_app(settings, FakeClassifiers())
    runner = app.test_cli_runner()
    runner.invoke(args=["db", "upgrade"])
    app.extensions["storage"].put(KEY, CONTENT)
    first = app.extensions["keyring"].ids[0]

    rotated = runner.invoke(args=["keys", "rotate"])
    early = runner.invoke(args=["keys", "retire", first])
    os.utime(settings.master_key_path, (0, 0))
    retired = runner.invoke(args=["keys", "retire", first])
    listed = runner.invoke(args=["keys", "list"])

    assert "4 data keys and 1 files are encrypted under the newest master key now." in rotated.output
    assert (early.exit_code, retired.exit_code) == (1, 0), retired.output
    assert first not in listed.output
    assert listed.output.split()[1:4] == ["in", "use", "1"]
    assert settings.master_key_path.stat().st_mode & 0o077 == 0
    anew = create_app(settings, FakeClassifiers())
    assert anew.extensions["storage"].get(KEY) == CONTENT


@pytest.mark.parametrize(("which", "sentence"), [(0, "in use"), (1, "need this master key"), (None, "no such")])
def test_a_master_key_that_is_needed_is_not_forgotten(tmp_path: Path, which: int | None, sentence: str) -> None:
    path = tmp_path / "keys"
    path.write_text(new_master_key())
    settings = Settings(environment="testing", instance=tmp_path / "instance", master_key_file=path)
    create_app(settings, FakeClassifiers()).extensions["storage"].put(KEY, CONTENT)
    path.write_text(f"{new_master_key()}\n{path.read_text()}")
    os.utime(path, (0, 0))
    app = create_app(settings, FakeClassifiers())
    runner = app.test_cli_runner()
    runner.invoke(args=["db", "upgrade"])  # its data keys are under the newest, and so is the file
    app.extensions["storage"].put(OTHER, CONTENT)
    ids = app.extensions["keyring"].ids
    if which == 1:
        path.write_text("\n".join(reversed(path.read_text().split())))
        os.utime(path, (0, 0))
        ids.reverse()

    result = runner.invoke(args=["keys", "retire", "00000000" if which is None else ids[which]])

    assert result.exit_code == 1
    assert sentence in result.output


def test_a_key_that_is_a_setting_is_changed_by_hand(app: Flask) -> None:
    runner: FlaskCliRunner = app.test_cli_runner()

    assert "put a new one, a comma" in runner.invoke(args=["keys", "rotate"]).output
    assert "Take the key out" in runner.invoke(args=["keys", "retire", "x"]).output


def test_keys_are_forgotten_only_when_every_process_knows_the_newer() -> None:
    from app.keys.keyring import READ_AGAIN_AFTER

    assert SETTLED_AFTER > READ_AGAIN_AFTER


def test_the_migration_encrypts_what_was_kept_before_and_can_be_taken_back(tmp_path: Path) -> None:
    settings = Settings(environment="testing", instance=tmp_path / "instance")
    app = create_app(settings, FakeClassifiers())
    runner = app.test_cli_runner()
    runner.invoke(args=["db", "upgrade", "0019"])
    plain = LocalStorage(settings.files)
    plain.put(KEY, CONTENT)

    runner.invoke(args=["db", "upgrade", "0020"])
    encrypted, read = plain.get(KEY), app.extensions["storage"].get(KEY)
    runner.invoke(args=["db", "downgrade", "0019"])

    assert encrypted.startswith(MAGIC)
    assert read == plain.get(KEY) == CONTENT
