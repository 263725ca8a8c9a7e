"""Backups of a whole site: what is in them, what comes back of them, and what is refused."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from flask.testing import FlaskClient
from flask_migrate import downgrade
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.audit.anchors import file_of
from app.audit.tables import AuditEvent
from app.audit.verification import verify
from app.auth.tables import User
from app.backups.selectors import last_good_backup
from app.erasures.ledger import path_of
from app.keys.sources import new_master_key
from app.metrics.asked import QUESTIONS
from app.patients.tables import Patient
from app.reports.files import key_of
from app.reports.tables import Report
from app.results.tables import Analysis
from config import ROOT
from tests.backups.conftest import LATER, Other, Site, files_in, in_context, objects_of, rows_of
from tests.factories import csrf_token, make_analysis, make_patient, post
from tests.object_store import ObjectStore
from tests.postgresql import on_both

EmptySite = Callable[..., Other]


def restored(other: Other, place: Path | str, *args: str, typed: str | None = None) -> str:
    result = other.run("restore", str(place), *args, typed=typed)
    assert result.exit_code == 0, result.output
    return result.output


def compare(client: FlaskClient, code: str, pdf: bytes) -> str:
    """Have the page of a report compare a file with the one that was issued."""
    token = csrf_token(client.get(f"/verify/{code}").text)
    return str(client.post(f"/verify/{code}", data={"csrf_token": token, "file": (io.BytesIO(pdf), "r.pdf")}).text)


@pytest.mark.parametrize(("on_postgresql", "on_object_store"), [(False, False), (True, True)], ids=["local", "remote"])
def test_a_site_comes_back_row_by_row_and_byte_by_byte_on_the_other_database(
    site: Site, empty_site: EmptySite, on_postgresql: bool, object_store: ObjectStore
) -> None:
    before, objects = rows_of(site.app, but={*LATER, "sign_ins"}), objects_of(site.app)
    site.back_up()
    other = empty_site(on_postgresql=not on_postgresql, **object_store.account())

    said = restored(other, site.target)

    assert rows_of(other.app, but={*LATER, "sign_ins"}) == before
    assert objects_of(other.app) == objects
    assert "The audit log is sound." in said
    assert all(len(rows) > 0 for name, rows in before.items() if name in {"analyses", "reports", "name_marks"})


@on_both
def test_a_backup_of_an_earlier_version_is_restored_and_its_tables_migrated(
    site: Site, empty_site: EmptySite, on_postgresql: bool
) -> None:
    with site.app.app_context():
        downgrade(revision="0032")
    before = rows_of(site.app, but={*LATER, "sign_ins"})
    site.back_up()
    other = empty_site(on_postgresql=on_postgresql)

    said = restored(other, site.folder)

    after = rows_of(other.app, but={*LATER, "sign_ins", "compatibility"})
    assert "revision 0032" in site.run("backup", "list", site.target).output
    assert "compatibility" not in before
    assert after == before
    assert "The audit log is sound." in said
    with in_context(other.app) as restored_session:
        assert restored_session.scalar(text("SELECT version_num FROM alembic_version")) == newest_revision()
        assert restored_session.scalar(text("SELECT count(*) FROM compatibility")) == 1


def newest_revision() -> str:
    return ScriptDirectory(str(ROOT / "migrations")).get_current_head() or ""


@on_both
def test_a_restored_site_can_be_worked_with(site: Site, empty_site: EmptySite, on_postgresql: bool) -> None:
    code, email = site.session.scalars(select(Report.code)).one(), site.owner.email
    analyses = select(Analysis.public_id)
    site.back_up()
    other = empty_site(on_postgresql=on_postgresql)
    restored(other, site.folder)
    client = other.app.test_client()

    with in_context(other.app) as restored_session:
        issued = restored_session.scalars(select(Report)).one()
        address = restored_session.scalars(select(Analysis.public_id).where(Analysis.id == issued.analysis_id)).one()
    pdf = other.app.extensions["storage"].get(key_of(address, code, signed=False))
    compared = compare(client, code, pdf)
    first = post(client, "/login", {"email": email, "password": "a long walk by the lake"})
    with in_context(other.app) as restored_session:
        person = restored_session.scalars(select(User)).one()
        before = len(restored_session.scalars(analyses).all())
        make_analysis(restored_session, person)  # numbers go on after those that are there
        after = len(restored_session.scalars(analyses).all())
        sound = verify(restored_session, file_of(other.settings)).sound

    assert "This is the report as it was issued, unchanged." in compared.partition("<template")[0]
    assert first.status_code == 303  # to the second step, which came back, too
    assert (before, after, sound) == (3, 4, True)


def test_a_backup_holds_one_moment_though_others_write(site: Site, empty_site: EmptySite) -> None:
    done, written = threading.Event(), 0
    owner_id, engine = site.owner.id, site.session.get_bind()

    def write() -> None:
        nonlocal written
        with Session(engine) as other:
            person = other.get_one(User, owner_id)
            while not done.is_set():
                make_analysis(other, person, storage=site.storage)
                written += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        site.back_up()
    finally:
        done.set()
        writer.join()
    other = empty_site()
    restored(other, site.folder)

    with in_context(other.app) as restored_session:
        found = restored_session.scalars(select(Analysis)).all()
        kept = {key for analysis in found for key in analysis.storage_keys}
    assert written > 0
    assert 3 <= len(found) <= 3 + written
    assert {key for key in objects_of(other.app) if not key.endswith(".pdf") and key.startswith("analyses")} == kept


def test_nothing_of_a_patient_can_be_read_in_it_and_the_master_key_is_not_there(site: Site) -> None:
    email = site.session.scalars(select(User.email)).one()

    result = site.run("backup", str(site.folder))

    everything = b"\n".join([*files_in(site.folder).values(), *(name.encode() for name in files_in(site.folder))])
    for word in ("Ingrid", "Sørensen", email, "waiting1", str(site.settings.master_key)):
        assert word.encode() not in everything
    assert site.session.scalars(select(Analysis.public_id)).first().encode() not in everything
    assert "The master key is NOT in the backup." in result.output


def test_a_second_backup_copies_what_is_new_and_prune_removes_what_no_backup_lists(site: Site) -> None:
    site.back_up()
    gone = make_analysis(site.session, site.owner, storage=site.storage)
    second = site.run("backup", str(site.folder)).output
    site.session.delete(gone)
    site.session.commit()
    site.back_up()

    pruned = site.run("backup", "prune", str(site.folder), "--keep-last", "1")

    assert "2 objects of" in second
    assert pruned.output.startswith("2 backups and 2 objects were removed.")
    assert site.run("backup", "verify", str(site.folder)).exit_code == 0


def test_a_site_that_is_used_is_not_overwritten_unless_that_is_typed(site: Site) -> None:
    site.back_up()
    make_patient(site.session, site.owner, name="Somebody later")
    site.run("audit", "anchor")

    plain = site.run("restore", str(site.folder))
    hesitant = site.run("restore", str(site.folder), "--replace", typed="yes\n")
    kept = site.session.scalars(select(Patient.id)).all()
    replaced = site.run("restore", str(site.folder), "--replace", typed="replace\n")

    site.session.expire_all()
    assert (plain.exit_code, hesitant.exit_code, replaced.exit_code) == (1, 1, 0), replaced.output
    assert "This site is not empty." in plain.output
    assert (len(kept), len(site.session.scalars(select(Patient.id)).all())) == (4, 3)
    assert "The audit log had gone on to number" in replaced.output
    assert "The audit log is sound." in replaced.output


def test_who_was_erased_since_does_not_come_back_and_nobody_is_signed_in(site: Site, empty_site: EmptySite) -> None:
    site.back_up()
    patient = site.session.scalars(select(Patient).order_by(Patient.id)).first()
    assert post(site.browser, f"/patients/{patient.public_id}/erase", {"name": patient.name}).status_code == 303
    other = empty_site()

    said = restored(other, site.folder, "--erasures", str(path_of(site.settings)))

    with in_context(other.app) as restored_session:
        names = restored_session.scalars(select(Patient.name)).all()
        signed_in = restored_session.execute(text("SELECT count(*) FROM sign_ins")).scalar()
        events = restored_session.scalars(select(AuditEvent.operation)).all()
    assert "Erased again: 1 of kind patient" in said
    assert sorted(names) == ["Ingrid Sørensen 1", "Ingrid Sørensen 2"]
    assert signed_in == 0
    assert "restore" in events
    assert patient.public_id in path_of(other.settings).read_text()


def test_it_says_so_where_there_is_no_list_of_erasures(site: Site, empty_site: EmptySite) -> None:
    site.back_up()

    said = restored(empty_site(), site.folder)

    assert "There was no list of erasures here: who was erased after" in said


def test_a_backup_that_was_tampered_with_is_refused_and_nothing_is_changed(site: Site, empty_site: EmptySite) -> None:
    backup, other = site.folder / "backups" / site.back_up(), empty_site()
    before = rows_of(other.app)
    changes: list[tuple[str, Callable[[bytes], bytes]]] = [
        ("manifest.json", lambda content: content.replace(b'"revision": "', b'"revision": "0')),
        ("manifest.json", lambda content: content[:200]),
        ("manifest.json", lambda _: b"[]"),
        ("rows-patients/000001", lambda content: content[:-1] + bytes([content[-1] ^ 1])),
        ("rows-patients/000001", lambda _: b""),
        ("rows-patients/000001", lambda _: (backup / "rows-users/000001").read_bytes()),
        ("objects/000001", lambda content: content[: len(content) // 2]),
    ]

    for part, change in changes:
        content = (backup / part).read_bytes()
        (backup / part).write_bytes(change(content))
        result = other.run("restore", str(site.folder))
        assert (result.exit_code, type(result.exception)) == (1, SystemExit), result.output
        assert "Error: " in result.output
        assert site.run("backup", "verify", str(site.folder)).exit_code == 1
        (backup / part).write_bytes(content)
    (backup / "rows-analyses/000001").unlink()

    assert "is missing from the backup. Nothing was changed." in other.run("restore", str(site.folder)).output
    assert rows_of(other.app) == before


def test_objects_that_were_exchanged_are_found_before_any_row_comes_back(site: Site, empty_site: EmptySite) -> None:
    site.back_up()
    first, second = sorted((site.folder / "objects").rglob("*/*"))[:2]
    first.write_bytes(second.read_bytes())
    other = empty_site()

    result = other.run("restore", str(site.folder))

    assert result.exit_code == 1
    assert "is damaged, or is not what Lentigo wrote there" in result.output
    assert rows_of(other.app)["patients"] == []
    assert "The backup is damaged." in site.run("backup", "verify", str(site.folder)).output


def test_parts_of_one_backup_are_no_parts_of_another(site: Site) -> None:
    first, second = site.back_up(), site.back_up()
    part = "rows-patients/000001"
    (site.folder / "backups" / second / part).write_bytes((site.folder / "backups" / first / part).read_bytes())

    assert site.run("backup", "verify", str(site.folder)).exit_code == 1


def test_without_the_master_key_it_is_told_what_is_missing(site: Site, empty_site: EmptySite) -> None:
    site.back_up()

    result = empty_site(master_key=new_master_key()).run("restore", str(site.folder))

    assert result.exit_code == 1
    assert "does not have the master key under which the backup was made" in result.output


def test_a_killed_backup_is_none_and_hinders_prune_for_a_day_alone(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = site.back_up()

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("app.backups.manifest.write", killed)
        site.run("backup", str(site.folder))
    early = site.run("backup", "prune", str(site.folder), "--keep-last", "1")
    monkeypatch.setattr("app.backups.pruning.DEAD_AFTER", timedelta(seconds=-1))
    late = site.run("backup", "prune", str(site.folder), "--keep-last", "1")

    assert site.run("backup", "list", str(site.folder)).output.split()[0] == whole
    assert (early.exit_code, late.exit_code) == (1, 0), late.output
    assert "A backup is being made here" in early.output
    assert [path.name for path in (site.folder / "backups").iterdir()] == [whole]


def test_a_restore_that_is_killed_again_and_again_goes_on(
    site: Site, empty_site: EmptySite, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, other = rows_of(site.app, but={*LATER, "sign_ins"}), empty_site()
    site.back_up()

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    found = []
    for step in ("app.backups.loading._fill", "app.backups.loading._compare", "app.backups.restoring.erase_again"):
        with monkeypatch.context() as patched:
            patched.setattr(step, killed)
            assert other.run("restore", str(site.folder)).exit_code == 1
        found.append(len(rows_of(other.app)["patients"]))
    said = restored(other, site.folder)

    assert found == [0, 0, 3]
    assert "This backup was restored half-way; going on." in said
    assert rows_of(other.app, but={*LATER, "sign_ins"}) == before
    assert objects_of(other.app) == objects_of(site.app)


def test_what_storage_has_lost_is_told_and_the_backup_does_not_count_as_good(site: Site) -> None:
    analysis = site.session.scalars(select(Analysis)).first()
    site.storage.delete(analysis.photograph_key)

    result = site.run("backup", str(site.folder))

    assert result.exit_code == 1
    assert "1 objects that rows name could not be read" in result.output
    assert last_good_backup(site.session) is None
    assert json.loads(next(site.folder.glob("backups/*/manifest.json")).read_text())["objects"]["missing"] == 1


def test_when_the_last_good_one_was_made_is_known_and_logged(site: Site) -> None:
    site.back_up()

    with site.app.app_context():
        (sample,) = QUESTIONS["backup_timestamp_seconds"].answered().samples
    assert sample.value == last_good_backup(site.session).timestamp()
    assert "backup make" in site.session.scalars(select(AuditEvent.operation)).all()


def test_the_folder_of_the_site_itself_is_no_place_for_backups(site: Site) -> None:
    result = site.run("backup", str(site.settings.files / "backups"))

    assert result.exit_code == 1
    assert "Choose a place that does not go with them" in result.output
