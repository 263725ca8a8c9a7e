import logging
from datetime import UTC, datetime

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade
from sqlalchemy import UniqueConstraint, inspect, select, text

from app.auth.tables import User
from app.extensions import db
from app.factory import create_app
from app.patients.tables import Patient
from app.reports.tables import Report
from app.results.tables import UNRANKED, Analysis
from config import ROOT
from models.card import read_card
from tests.fakes import FakeClassifiers
from tests.postgresql import contents, on_both

BOOKKEEPING = {"alembic_version"}
OLD_USER = """
    INSERT INTO users (id, email, name, password_hash, session_token, created_at)
    VALUES (1, 'ada@clinic.example', 'Ada', 'hash', 'token', '2026-03-01 12:00:00')
"""
OLD_ANALYSIS = """
    INSERT INTO analyses (
        id, public_id, owner_id, created_at, patient_name, patient_key, model_name, model_version, label, probabilities,
        malignancy, accepted, reasons, heatmap, photograph_sha256, width, height, frame_left, frame_top, frame_side
    ) VALUES (
        :id, :id, 1, '2026-03-01 12:00:00', 'Ingrid', 'ingrid', 'mobilenetv2-ham7', '1.0.0', 'nv', '{}',
        :malignancy, :accepted, '[]', '[]', 'sha', 600, 450, 0, 0, 450
    )
"""
OWNER = """
    INSERT INTO users (id, email, name, password_hash, session_token, created_at)
    VALUES (:id, :id, 'Ada', 'hash', :id, '2026-03-01 12:00:00')
"""
NAMED = """
    INSERT INTO analyses (
        id, public_id, owner_id, created_at, patient_name, patient_key, sex, model_name, model_version, label,
        probabilities, malignancy, accepted, reasons, heatmap, photograph_sha256, width, height, frame_left, frame_top,
        frame_side
    ) VALUES (
        :id, :id, :owner, :at, :name, :key, :sex, 'mobilenetv2-ham7', '1.0.0', 'nv',
        '{}', 0.1, true, '[]', '[]', 'sha', 600, 450, 0, 0, 450
    )
"""
REPORT = """
    INSERT INTO reports (
        id, code, analysis_id, kind, version, issued_by, issued_at, content, text_sha256, photograph_sha256, classifier,
        pdf_sha256
    ) VALUES (1, 'C', 1, 'clinical', 1, 'Ada', '2026-03-01 12:00:00', :content, '', '', 'm', '')
"""
CEM = """
    INSERT INTO patients (id, public_id, owner_id, name, name_key, created_at)
    VALUES (1, 'cem', 1, 'Cem', 'cem', '2026-03-01 12:00:00')
"""
ROWS = [
    (1, 1, "Ingrid", "ingrid", "female"),
    (2, 1, "INGRID", "ingrid", None),
    (3, 2, "Ingrid", "ingrid", None),
    (4, 1, "Cem", "cem", "male"),
    (5, 1, "Cem", "cem", "female"),
]
MADE = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
MADE_ON_POSTGRESQL = """
    SELECT tgname, pg_get_triggerdef(t.oid) || prosrc || CASE tgenabled WHEN 'O' THEN '' ELSE 'DISABLED' END
    FROM pg_trigger AS t JOIN pg_proc AS p ON p.oid = tgfoid WHERE NOT tgisinternal
"""
ANSWERED, REFUSED = {"id": 1, "malignancy": 0.1, "accepted": True}, {"id": 2, "malignancy": 0.9, "accepted": False}


def named(number, owner, name, key, sex=None):
    """Return what NAMED inserts: each a day after the one before it."""
    return {"id": number, "at": f"2026-03-0{number} 12:00:00", "owner": owner, "name": name, "key": key, "sex": sex}


def _analyses_of(patient):
    of_patient = select(Analysis.id).where(Analysis.patient_id == patient.id)
    return db.session.scalars(of_patient.order_by(Analysis.id)).all()


def tables():
    return set(inspect(db.engine).get_table_names()) - BOOKKEEPING


def test_migrations_make_every_table_from_nothing(empty_database):
    upgrade()

    assert tables() == set(db.metadata.tables)


@on_both
def test_migrations_make_exactly_the_tables_of_the_code(empty_database):
    upgrade()

    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, db.metadata)

    assert differences == []


@on_both
def test_migrations_can_be_taken_back_and_made_again(empty_database):
    upgrade()

    downgrade(revision="base")
    without = tables()
    upgrade()

    assert without == set()
    assert tables() == set(db.metadata.tables)


@on_both
def test_migrations_leave_the_rules_of_the_columns_as_the_code_has_them(empty_database):
    upgrade()

    inspector = inspect(db.engine)
    for table in db.metadata.sorted_tables:
        found = {column["name"]: column["nullable"] for column in inspector.get_columns(table.name)}
        assert found == {column.name: column.nullable for column in table.columns}
        unique = {tuple(rule["column_names"]) for rule in inspector.get_unique_constraints(table.name)}
        rules = [rule for rule in table.constraints if isinstance(rule, UniqueConstraint)]
        assert unique == {tuple(rule.columns.keys()) for rule in rules}


def test_an_analysis_from_before_views_and_similar_cases_has_none(empty_database):
    upgrade(revision="0001")
    with db.engine.begin() as connection:
        connection.execute(text(OLD_USER))
        connection.execute(text(OLD_ANALYSIS), ANSWERED)

    upgrade()
    after = db.session.scalars(select(Analysis)).one()
    found = (after.views, after.views_changed, after.similar)
    db.session.remove()
    downgrade(revision="0001")
    names = {column["name"] for column in inspect(db.engine).get_columns("analyses")}
    with db.engine.connect() as connection:
        patient = connection.scalar(text("SELECT patient_name FROM analyses"))

    assert found == (0, 0, None)
    assert not {"views", "views_changed", "similar"} & names
    assert patient == "Ingrid"


def test_analyses_from_before_are_ranked_by_their_malignancy_if_they_have_an_answer(empty_database):
    upgrade(revision="0002")
    with db.engine.begin() as connection:
        connection.execute(text(OLD_USER))
        connection.execute(text(OLD_ANALYSIS), [ANSWERED, REFUSED])

    upgrade()
    after = db.session.scalars(select(Analysis).order_by(Analysis.id)).all()
    found = [(row.suspicion, row.probabilities_with_patient) for row in after]
    db.session.remove()
    downgrade(revision="0002")
    inspector = inspect(db.engine)
    names = {column["name"] for column in inspector.get_columns("analyses")}
    indexes = {index["name"] for index in inspector.get_indexes("analyses")}

    assert found == [(0.1, None), (UNRANKED, None)]
    assert not {"suspicion", "probabilities_with_patient"} & names
    assert "ix_analyses_owner_malignancy" in indexes
    assert "ix_analyses_owner_suspicion" not in indexes


def test_whoever_is_named_by_earlier_analyses_becomes_a_patient_who_has_them(empty_database):
    upgrade(revision="0003")
    with db.engine.begin() as connection:
        for owner in (1, 2):
            connection.execute(text(OWNER), {"id": owner})
        connection.execute(text(NAMED), [named(*row) for row in ROWS])

    upgrade()
    patients = sorted(db.session.scalars(select(Patient)), key=lambda patient: (patient.author_id, patient.name))
    kept = [
        (patient.author_id, patient.name, patient.sex, _analyses_of(patient), len(patient.public_id))
        for patient in patients
    ]
    created = {patient.created_at for patient in patients}
    db.session.remove()
    downgrade(revision="0003")
    names = {column["name"] for column in inspect(db.engine).get_columns("analyses")}
    with db.engine.connect() as connection:
        rows = connection.scalar(text("SELECT count(*) FROM analyses"))

    assert kept == [
        (1, "Cem", None, [4, 5], 32),  # two sexes: it could be two people, so nothing is claimed
        (1, "INGRID", "female", [1, 2], 32),  # the spelling used last
        (2, "Ingrid", None, [3], 32),
    ]
    assert created == {datetime(2026, 3, day, 12, tzinfo=UTC) for day in (1, 3, 4)}
    assert not {"patient_id", "lesion_id"} & names
    assert not {"patients", "lesions"} & tables()
    assert rows == len(ROWS)


def test_analyses_from_before_get_the_threshold_of_their_classifier_if_it_is_still_installed(empty_database):
    card = read_card(ROOT / "models" / "weights" / "mobilenetv2-ham7")
    upgrade(revision="0004")
    with db.engine.begin() as connection:
        connection.execute(text(OLD_USER))
        connection.execute(text(OLD_ANALYSIS), [ANSWERED, REFUSED])
        connection.execute(text("UPDATE analyses SET model_version = :now WHERE id = 2"), {"now": card.version})

    upgrade()
    thresholds = db.session.scalars(select(Analysis.threshold).order_by(Analysis.id)).all()

    assert thresholds == [None, card.alert_threshold]


def test_whoever_looked_blind_before_still_does(empty_database):
    upgrade(revision="0005")
    with db.engine.begin() as connection:
        connection.execute(text(OLD_USER))
        connection.execute(text(OLD_USER.replace("1, 'ada", "2, 'cem").replace("'token'", "'other'")))
        connection.execute(text("UPDATE users SET blind = (id = 1)"))

    upgrade()
    after = db.session.scalars(select(User).order_by(User.id)).all()
    found = [user.blind for user in after]
    db.session.remove()
    downgrade(revision="0005")
    with db.engine.connect() as connection:
        before = connection.execute(text("SELECT blind FROM users ORDER BY id")).scalars().all()

    assert found == before == [True, False]


def test_analyses_from_before_are_tallied(empty_database):
    upgrade(revision="0009")
    with db.engine.begin() as connection:
        connection.execute(text(OLD_USER))
        connection.execute(text(OLD_ANALYSIS), [ANSWERED, REFUSED])
        connection.execute(text("UPDATE analyses SET diagnosis = 'mel', threshold = 0.1"))

    upgrade()
    with db.engine.connect() as connection:
        answers = connection.execute(text("SELECT outcome, bin, tests FROM weekly_answers ORDER BY bin")).all()
        verdicts = connection.execute(text("SELECT bin, alerted, malignancy FROM weekly_verdicts ORDER BY bin")).all()

    assert answers == [("none", -1, 1), ("nv", 9, 1)]
    assert verdicts == [(-1, 1, 900_000), (9, 1, 100_000)]


def test_poor_photographs_from_before_are_to_be_taken_again_unless_a_good_one_followed(empty_database):
    upgrade(revision="0004")
    with db.engine.begin() as connection:
        connection.execute(text(OWNER), {"id": 1})
        connection.execute(text(NAMED), [named(row, 1, "Cem", "cem") for row in range(1, 6)])
        connection.execute(text(CEM))
        connection.execute(text("UPDATE analyses SET patient_id = 1, accepted = (id = 3 OR id = 5)"))
        connection.execute(text("UPDATE analyses SET reasons = '[\"blurred\"]' WHERE id = 5"))
        connection.execute(text("UPDATE analyses SET body_site = 'face' WHERE id IN (2, 4, 5)"))

    upgrade()
    found = db.session.scalars(select(Analysis.retake).order_by(Analysis.id)).all()

    assert found == ["taken", "taken", None, "taken", "due"]


@on_both
def test_what_was_written_in_the_clear_is_encrypted_and_taken_back_and_no_byte_of_it_stays(empty_database, settings):
    upgrade(revision="0018")
    with db.engine.begin() as connection:
        connection.execute(text(OWNER), {"id": 1})
        connection.execute(text(NAMED), named(1, 1, "Zaubernuss", "z"))
        connection.execute(text("UPDATE analyses SET note = 'Zaubernuss bled'"))
        connection.execute(text(REPORT), {"content": '{"patient": "Zaubernuss"}'})
    before = kept(settings)

    upgrade()
    analysis = db.session.scalars(select(Analysis)).one()
    found = analysis.patient_name, analysis.note, db.session.scalars(select(Report.content)).one()
    db.session.remove()
    after, sealed = kept(settings), triggers()["reports_sealed"]
    downgrade(revision="0020")
    with db.engine.connect() as connection:
        back = connection.execute(text("SELECT patient_name, note, patient_key FROM analyses")).one()

    assert b"Zaubernuss" in before
    assert b"Zaubernuss" not in after
    assert found == ("Zaubernuss", "Zaubernuss bled", '{"patient": "Zaubernuss"}')
    assert tuple(back) == ("Zaubernuss", "Zaubernuss bled", "zaubernuss")
    assert "RAISE" in sealed
    assert "DISABLED" not in sealed


def kept(settings):
    """Return what is in the files of the database; of PostgreSQL, which packs its own later, what is in its rows."""
    if settings.database_url is None:
        return b"".join(path.read_bytes() for path in settings.instance.glob("lentigo.sqlite3*"))
    with db.engine.connect() as connection:
        return contents(connection)


def test_what_goes_with_whom_is_the_databases_to_hold(empty_database):
    upgrade()

    rules = {
        (table, key["referred_table"], key["options"].get("ondelete"))
        for table in ("patients", "lesions", "follow_ups", "analyses", "verdicts")
        for key in inspect(db.engine).get_foreign_keys(table)
    }

    assert rules == {
        *((table, "clinics", None) for table in ("patients", "follow_ups", "analyses", "verdicts")),
        ("patients", "users", "CASCADE"),
        ("lesions", "patients", "CASCADE"),
        ("follow_ups", "users", "CASCADE"),
        ("follow_ups", "lesions", "CASCADE"),
        ("analyses", "users", "CASCADE"),
        ("analyses", "patients", None),  # nothing is removed while a test is kept with it
        ("analyses", "lesions", None),
        ("verdicts", "analyses", "CASCADE"),
        ("verdicts", "users", "SET NULL"),
    }


def test_migrations_write_sql_for_a_database_that_is_changed_by_hand(empty_database, capsys):
    upgrade(sql=True)

    assert "CREATE TABLE users" in capsys.readouterr().out


def test_migrations_leave_the_logs_alone(empty_database):
    before = [*logging.getLogger().handlers], logging.getLogger("app").disabled

    upgrade()

    assert before == ([*logging.getLogger().handlers], logging.getLogger("app").disabled)


def test_the_command_migrates(empty_database, settings):
    runner = create_app(settings, FakeClassifiers()).test_cli_runner()

    result = runner.invoke(args=["db", "upgrade"])

    assert result.exit_code == 0, result.output
    assert tables() == set(db.metadata.tables)


@on_both
def test_migrations_make_the_triggers_of_the_code(empty_database, on_postgresql):
    upgrade()
    migrated = triggers()
    db.drop_all()
    with db.engine.begin() as connection:
        connection.execute(text("DROP TABLE IF EXISTS alembic_version"))
    db.create_all()

    assert migrated == triggers()
    assert {name.removesuffix("_delete").removesuffix("_update").removesuffix("_insert") for name in migrated} == {
        *("reports_sealed", "report_signatures_sealed", "erased_reports_sealed", "reports_erased"),
        "users_kept",
        *("audit_events_sealed", "audit_events_kept", "audit_heads_kept"),
        *(["audit_events_whole"] if on_postgresql else []),  # SQLite empties no table at once
        *("forget_names_of_patients", "forget_names_of_analyses", "tally_analyses"),
    }


def triggers():
    on_sqlite = db.engine.dialect.name == "sqlite"
    with db.engine.connect() as connection:
        found = connection.execute(text(MADE if on_sqlite else MADE_ON_POSTGRESQL)).all()
    return {name: " ".join(statement.split()) for name, statement in found}
