"""Master keys and data keys."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.extensions import db
from app.factory import create_app
from app.keys import FIELDS, TamperedError, UnknownKeyError, data_keys_of
from app.keys.keyring import WRAPPED_BYTES, Keyring
from app.keys.sources import new_master_key, put_in_front, source_of
from app.keys.tables import DataKey
from config import Settings
from tests.fakes import FakeClassifiers

OLD, NEW = bytes(32), bytes(range(32))
DATA_KEY = bytes(reversed(range(32)))
HERE, ELSEWHERE = b"analyses/A/photograph.png", b"analyses/B/photograph.png"


def ring(*keys: bytes) -> Keyring:
    return Keyring(lambda: keys)


def test_a_data_key_comes_back() -> None:
    wrapped = ring(NEW).wrap(DATA_KEY, context=HERE)

    assert len(wrapped) == WRAPPED_BYTES
    assert DATA_KEY not in wrapped
    assert ring(NEW).unwrap(wrapped, context=HERE) == DATA_KEY


def test_the_same_is_never_written_twice() -> None:
    keyring = ring(NEW)

    assert keyring.wrap(DATA_KEY, context=HERE) != keyring.wrap(DATA_KEY, context=HERE)


def test_a_key_opens_nothing_in_another_place() -> None:
    wrapped = ring(NEW).wrap(DATA_KEY, context=HERE)

    with pytest.raises(TamperedError):
        ring(NEW).unwrap(wrapped, context=ELSEWHERE)


@pytest.mark.parametrize("at", range(4, WRAPPED_BYTES, 7))
def test_every_changed_byte_is_noticed(at: int) -> None:
    wrapped = bytearray(ring(NEW).wrap(DATA_KEY, context=HERE))
    wrapped[at] ^= 1

    with pytest.raises(TamperedError):
        ring(NEW).unwrap(bytes(wrapped), context=HERE)


@pytest.mark.parametrize("length", [0, 3, 4, 10, WRAPPED_BYTES - 1])
def test_what_is_cut_off_is_refused(length: int) -> None:
    wrapped = ring(NEW).wrap(DATA_KEY, context=HERE)[:length]

    with pytest.raises((TamperedError, UnknownKeyError)):
        ring(NEW).unwrap(wrapped, context=HERE)


def test_without_the_key_nothing_is_read() -> None:
    wrapped = ring(OLD).wrap(DATA_KEY, context=HERE)

    with pytest.raises(UnknownKeyError):
        ring(NEW).unwrap(wrapped, context=HERE)


def test_the_newest_key_writes_and_the_earlier_ones_read() -> None:
    before = ring(OLD).wrap(DATA_KEY, context=HERE)
    both = ring(NEW, OLD)

    after = both.wrap(both.unwrap(before, context=HERE), context=HERE)

    assert (both.is_newest(before), both.is_newest(after)) == (False, True)
    assert ring(NEW).unwrap(after, context=HERE) == DATA_KEY


def test_a_key_that_was_put_in_front_is_found_while_the_site_runs(tmp_path: Path) -> None:
    settings = Settings(instance=tmp_path)
    running, other = Keyring(source_of(settings)), Keyring(source_of(settings))
    before = running.wrap(DATA_KEY, context=HERE)

    put_in_front(settings.master_key_path, new_master_key())
    other.read_again()
    after = other.wrap(DATA_KEY, context=HERE)

    assert after[:4] != before[:4]
    assert running.unwrap(after, context=HERE) == other.unwrap(before, context=HERE) == DATA_KEY
    assert settings.master_key_path.stat().st_mode & 0o077 == 0


def test_two_processes_that_start_at_once_make_one_key(tmp_path: Path) -> None:
    settings = Settings(instance=tmp_path)

    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: tuple(source_of(settings)()), range(16)))

    assert len(found) == 1


def test_a_start_without_the_file_of_the_keys_ends_with_a_sentence(tmp_path: Path) -> None:
    settings = Settings(environment="testing", instance=tmp_path, master_key_file=tmp_path / "missing")

    with pytest.raises(SystemExit, match="missing can't be used"):
        create_app(settings, FakeClassifiers())


def test_the_database_keeps_its_secrets_encrypted(session: Session) -> None:
    secret = data_keys_of(session).secret(FIELDS)

    kept = session.scalars(select(DataKey.wrapped).where(DataKey.purpose == FIELDS)).one()
    assert len(secret) == 32
    assert secret.hex() not in kept
    assert data_keys_of(session).secret(FIELDS) == secret


def test_a_database_in_the_hands_of_somebody_without_the_key_stays_closed(app: Flask, settings: Settings) -> None:
    stranger = create_app(settings.model_copy(update={"master_key": new_master_key()}), FakeClassifiers())

    with stranger.app_context(), pytest.raises(UnknownKeyError):
        data_keys_of(db.session()).secret(FIELDS)
    with stranger.app_context():
        db.engine.dispose()


def test_secrets_outlive_a_change_of_the_master_key(app: Flask, settings: Settings, session: Session) -> None:
    secret = data_keys_of(session).secret(FIELDS)
    newer = new_master_key()
    changed = create_app(
        settings.model_copy(update={"master_key": f"{newer},{settings.master_key}"}), FakeClassifiers()
    )
    with changed.app_context(), db.engine.begin() as connection:
        count = data_keys_of(connection).wrap_again(connection)

    after = create_app(settings.model_copy(update={"master_key": newer}), FakeClassifiers())
    with after.app_context():
        found = data_keys_of(db.session()).secret(FIELDS)
        again = data_keys_of(db.session()).wrap_again(db.session.connection())
        db.session.rollback()

    assert (count, again) == (4, 0)
    assert found == secret
    for other in (changed, after):
        with other.app_context():
            db.engine.dispose()


def test_a_new_secret_is_found_by_those_who_know_only_the_earlier_ones(session: Session) -> None:
    data_keys = data_keys_of(session)
    first = data_keys.secret(FIELDS)
    data_keys.make(session.connection(), FIELDS)
    session.commit()

    second = data_keys.secret(FIELDS, 2)

    assert second != first
    assert (data_keys.newest(FIELDS), data_keys.secret(FIELDS, 1)) == (2, first)


def test_a_secret_can_be_had_in_the_transaction_that_made_it(settings: Settings) -> None:
    app = create_app(settings, FakeClassifiers())
    with app.app_context():
        upgrade()
        with db.engine.begin() as connection:
            connection.execute(text("DELETE FROM data_keys"))
            data_keys = data_keys_of(connection)
            data_keys.forget()
            data_keys.make(connection, FIELDS)

            assert list(data_keys.all_of(FIELDS, connection)) == [1]
        db.engine.dispose()
