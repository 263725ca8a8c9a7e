"""Records of a site from before they were encrypted and belonged to clinics, taken up to today, back, and up again."""

from datetime import UTC, datetime

import pytest
from flask_migrate import downgrade, upgrade
from sqlalchemy import MetaData, Table, insert, inspect, select, text
from sqlalchemy.exc import DBAPIError

from app.audit.anchors import file_of
from app.audit.verification import verify
from app.auth.tables import User
from app.batches.tables import Batch, BatchItem
from app.dashboard.tables import WeeklyVerdicts
from app.extensions import db
from app.patients.tables import Patient
from app.reports.tables import Report
from app.results.names import names_with
from app.results.tables import Analysis
from app.results.verdicts.tables import Verdict
from tests.postgresql import on_both

NAME, AT = "Ingrid Zaubernuss", datetime(2026, 3, 1, 12, tzinfo=UTC)
SPREADSHEET = {"a.jpg": {"patient": NAME}}
RECORDS = (
    ("users", {"email": "ada@clinic.example", "name": "Ada", "password_hash": "h", "session_token": "t"}),
    ("users", {"email": "cem@clinic.example", "name": "Cem", "password_hash": "h", "session_token": "u"}),
    ("patients", {"public_id": "p", "owner_id": 1, "name": NAME, "name_key": NAME.lower(), "notes": NAME}),
    (
        "analyses",
        {
            "public_id": "a", "owner_id": 1, "patient_name": NAME, "patient_key": NAME.lower(), "patient_id": 1,
            "model_name": "m", "model_version": "1", "label": "mel", "probabilities": {}, "malignancy": 0.9,
            "accepted": True, "reasons": [], "heatmap": [], "photograph_sha256": "s", "width": 1, "height": 1,
            "frame_left": 0, "frame_top": 0, "frame_side": 1, "diagnosis": "mel",
        },
    ),
    (
        "verdicts",
        {"analysis_id": 1, "author_id": 1, "author_name": "Ada", "kind": "diagnosis", "blind": False, "note": NAME},
    ),
    (
        "reports",
        {
            "code": "C", "analysis_id": 1, "kind": "clinical", "version": 1, "issued_by": "Ada", "content": NAME,
            "text_sha256": "", "photograph_sha256": "", "classifier": "m", "pdf_sha256": "",
        },
    ),
    (
        "batches",
        {
            "public_id": "b", "owner_id": 1, "model_name": "m", "naming": "sheet", "chosen": True, "turn": 0,
            "rows": SPREADSHEET, "unmatched": [NAME],
        },
    ),
    (
        "batch_items",
        {
            "public_id": "i", "batch_id": 1, "key": "k", "name": NAME, "state": "waiting", "retryable": False,
            "kept": True, "attempts": 0,
        },
    ),
)  # fmt: skip


@on_both
def test_records_are_read_as_before_found_as_today_and_are_in_no_table_in_the_clear(empty_database):
    upgrade(revision="0017")
    insert_records()
    before = in_the_clear()

    upgrade()
    hidden = in_the_clear()
    read_as_before()
    downgrade(revision="0017")
    back = in_the_clear()
    upgrade()

    everywhere = {"analyses", "batch_items", "batches", "patients", "reports", "verdicts"}
    assert (before, hidden, back, in_the_clear()) == (everywhere, set(), everywhere, set())
    read_as_before()


@on_both
def test_reports_accounts_and_the_log_are_guarded_after_the_upgrade(empty_database, settings):
    upgrade(revision="0017")
    insert_records()

    upgrade()

    for statement in (
        "UPDATE reports SET issued_by = 'x'",
        "DELETE FROM audit_heads",
        "DELETE FROM users WHERE id = 1",
    ):
        with pytest.raises(DBAPIError), db.engine.begin() as connection:
            connection.execute(text(statement))
    assert verify(db.session(), file_of(settings)).sound


def insert_records():
    metadata = MetaData()
    with db.engine.begin() as connection:
        for name, values in RECORDS:
            table = Table(name, metadata, autoload_with=connection)
            moments = {key: AT for key in ("created_at", "issued_at") if key in table.c}
            known = {column.name: values.get(column.name) for column in table.c if column.name in values}
            assert set(known) == set(values)
            connection.execute(insert(table), known | moments)
    db.engine.dispose()


def in_the_clear():
    """Return the tables that a name can be read in."""
    with db.engine.connect() as connection:
        tables = {
            name: connection.exec_driver_sql(f"SELECT * FROM {name}").all()  # noqa: S608 - names of our own tables
            for name in inspect(connection).get_table_names()
        }
    return {name for name, rows in tables.items() if "zaubernuss" in str(rows).lower()}


def read_as_before():
    """Hold what is read of the records, what the tallies count, and who finds the name."""
    session = db.session()
    columns = (
        *(Patient.name, Patient.notes, Analysis.patient_name, Verdict.note, Report.content),
        *(Batch.rows, Batch.unmatched, BatchItem.name, WeeklyVerdicts.tests, WeeklyVerdicts.clinic_id),
    )
    found = tuple(session.scalars(select(column)).one() for column in columns)
    finding = [bool(names_with(session, user, "zau")) for user in session.scalars(select(User).order_by(User.id))]
    db.session.remove()
    assert found == (*[NAME] * 5, SPREADSHEET, [NAME], NAME, 1, 1)
    assert finding == [True, False]
