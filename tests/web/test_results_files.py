"""What is kept of an analysis beside its row: nothing without the row, and nothing after it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.clock import now
from app.encrypted.names import folded
from app.errors import NotFoundError, StorageFullError
from app.inference import Frame, Prediction
from app.results.jobs import erase_files, sweep
from app.results.names import name_key
from app.results.records import KeptPhotograph, PatientDetails
from app.results.selectors import analysis_of, recent_of
from app.results.services import record, remove
from app.results.tables import Analysis
from app.storage import Storage
from config import Settings
from models.labels import HAM7
from tests.factories import make_analysis, make_user
from tests.fakes import HEATMAP
from tests.object_store import in_both

PROBABILITIES = dict.fromkeys(HAM7.codes, 0.1) | {"nv": 0.4}
PREDICTION = Prediction("mobilenetv2-ham7", "1.0.0", "nv", PROBABILITIES, 0.3, True, (), HEATMAP)
PHOTOGRAPH = KeptPhotograph(b"photograph", b"thumbnail", 600, 450)
DETAILS = PatientDetails("  Ingrid\u00a0 STRAẞE ", 54, "female", "back", None)


def recorded(session: Session, storage: Storage) -> Analysis:
    return record(
        session,
        storage,
        author=make_user(session),
        details=DETAILS,
        photograph=PHOTOGRAPH,
        frame=Frame(75, 0, 450),
        prediction=PREDICTION,
    )


def kept(storage: Storage) -> set[str]:
    return {key for key, _ in storage.keys()}  # noqa: SIM118 - no mapping


@in_both
def test_a_record_has_its_row_and_its_files(app: Flask, session: Session, storage: Storage) -> None:
    analysis = recorded(session, storage)
    with app.app_context():  # the commit sends a job
        session.commit()

    assert storage.get(analysis.photograph_key) == b"photograph"
    assert storage.get(analysis.thumbnail_key) == b"thumbnail"
    assert analysis.probabilities == PROBABILITIES
    assert (analysis.frame_left, analysis.frame_top, analysis.frame_side) == (75, 0, 450)
    assert analysis.patient_key == name_key(session, analysis.clinic_id, "INGRID STRASSE")


class FullStorage:
    """A storage whose disk is full after so many files."""

    def __init__(self, storage: Storage, room: int) -> None:
        self._storage = storage
        self._room = room

    def put_all(self, contents: Mapping[str, bytes]) -> None:
        for number, (key, content) in enumerate(contents.items()):
            if number == self._room:
                raise StorageFullError
            self._storage.put(key, content)

    def delete_all(self, keys: Iterable[str]) -> None:
        self._storage.delete_all(keys)


@pytest.mark.parametrize("room", [0, 1])
def test_a_full_disk_leaves_nothing_behind(session: Session, storage: Storage, room: int) -> None:
    with pytest.raises(StorageFullError):
        recorded(session, FullStorage(storage, room))  # type: ignore[arg-type]  # all that record uses
    session.commit()

    assert kept(storage) == set()
    assert session.scalar(select(func.count()).select_from(Analysis)) == 0


def test_a_row_that_is_refused_leaves_no_file(session: Session, storage: Storage) -> None:
    user = make_user(session)
    session.delete(user)
    session.commit()

    with pytest.raises(Exception, match="FOREIGN KEY"):
        record(
            session,
            storage,
            author=user,
            details=DETAILS,
            photograph=PHOTOGRAPH,
            frame=Frame(75, 0, 450),
            prediction=PREDICTION,
        )

    assert kept(storage) == set()


@in_both
def test_files_are_erased_only_after_the_commit(app: Flask, session: Session, storage: Storage) -> None:
    analysis = make_analysis(session, make_user(session), storage=storage)
    keys = set(analysis.storage_keys)

    with app.app_context():
        remove(session, analysis)
        before = kept(storage)
        session.commit()

    assert before == keys
    assert kept(storage) == set()


@in_both
def test_a_rollback_keeps_row_and_files(app: Flask, session: Session, storage: Storage) -> None:
    analysis = make_analysis(session, make_user(session), storage=storage)

    with app.app_context():
        remove(session, analysis)
        session.rollback()
        session.commit()

    assert kept(storage) == set(analysis.storage_keys)


def test_erasing_twice_does_no_harm_and_spares_what_has_a_row(app: Flask, session: Session, storage: Storage) -> None:
    analysis = make_analysis(session, make_user(session), storage=storage)

    with app.app_context():
        erase_files("AAAAAAAAAAAAAAAAAAAAAA")
        erase_files("AAAAAAAAAAAAAAAAAAAAAA")
        erase_files(analysis.public_id)

    assert kept(storage) == set(analysis.storage_keys)


@in_both
def test_the_sweeper_removes_old_orphans_only(
    app: Flask, session: Session, storage: Storage, age: Callable[..., None]
) -> None:
    analysis = make_analysis(session, make_user(session), storage=storage)
    young, old, other = "analyses/young/photograph.png", "analyses/old/photograph.png", "exports/old.zip"
    for key in (young, old, other):
        storage.put(key, b"content")
    for key in (old, other, *analysis.storage_keys):
        age(key, timedelta(minutes=61))

    with app.app_context():
        sweep()

    assert kept(storage) == {young, other, *analysis.storage_keys}


def test_the_sweeper_removes_what_was_left_half_written(app: Flask, settings: Settings) -> None:
    left, at_work = (settings.files / f".partial-{name}" for name in ("left", "at-work"))
    for path in (left, at_work):
        path.write_bytes(b"half")
    os.utime(left, (0, 0))

    with app.app_context():
        sweep()

    assert (left.exists(), at_work.exists()) == (False, True)


def test_selectors_see_only_what_is_ones_own(session: Session) -> None:
    owner, stranger = make_user(session), make_user(session)
    old = make_analysis(session, owner, created_at=now() - timedelta(days=8), accepted=False)
    new = make_analysis(session, owner)
    make_analysis(session, stranger)

    assert list(recent_of(session, owner)) == [new, old]
    assert list(recent_of(session, owner, limit=1)) == [new]
    assert analysis_of(session, owner, old.public_id) is old
    with pytest.raises(NotFoundError):
        analysis_of(session, stranger, old.public_id)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Anna  Weiß", "anna weiss"),
        ("\uff21\uff2e\uff2e\uff21", "anna"),
        ("E\u0301va", "\u00e9va"),
        ("ὈΔΥΣΣΕΎΣ", "ὀδυσσεύσ"),
        ("\tP-12\n", "p-12"),
    ],
)
def test_a_name_is_folded(name: str, key: str) -> None:
    assert folded(name) == key
