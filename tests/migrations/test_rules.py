"""Migrations leave a site at work: they add first, and take away only what no server needs any more."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from alembic.script import Script, ScriptDirectory
from flask_migrate import upgrade

from app.factory import create_app
from config import ROOT, Settings
from tests.conftest import MASTER_KEY
from tests.fakes import FakeClassifiers
from tests.migrations.rules import complaints

RELEASED = (
    (ROOT / "migrations" / "RELEASED").read_text().split()[0]
)  # what servers may still run; see docs/migrations.md
LARGE = {
    "analyses",
    "patients",
    "lesions",
    "verdicts",
    "outlines",
    "reports",
    "batch_items",
    "audit_events",
    "name_marks",
}


def since_the_release() -> list[Script]:
    scripts = ScriptDirectory(str(ROOT / "migrations")).walk_revisions()
    return sorted((each for each in scripts if each.revision > RELEASED), key=lambda each: each.revision)


def sql_since_the_release(folder: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """Return what each migration would run on PostgreSQL."""
    nowhere = "postgresql+psycopg://lentigo@127.0.0.1:1/nowhere"
    settings = Settings(environment="testing", instance=folder, master_key=MASTER_KEY, database_url=nowhere)
    with create_app(settings, FakeClassifiers()).app_context():
        upgrade(revision=f"{RELEASED}:head", sql=True)
    _, *parts = re.split(r"^-- Running upgrade \w+ -> (\w+)$", capsys.readouterr().out, flags=re.MULTILINE)
    return dict(zip(parts[::2], parts[1::2], strict=True))


def test_migrations_since_the_release_hurt_no_server_that_still_runs_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scripts = since_the_release()

    sql = sql_since_the_release(tmp_path, capsys)

    assert [script.revision for script in scripts] == list(sql)
    found = {
        script.revision: complaints(sql[script.revision], contract=hasattr(script.module, "contract"))
        for script in scripts
    }
    assert {revision: wrong for revision, wrong in found.items() if wrong} == {}


def test_migrations_that_take_away_name_a_revision_that_was_released_before() -> None:
    for script in since_the_release():
        needed = getattr(script.module, "contract", None)
        assert needed is None or needed <= RELEASED, f"{script.revision}: no released code does without it yet"


def test_no_large_table_is_copied_in_sqlite_since_the_release() -> None:
    for script in since_the_release():
        copied = set(re.findall(r"batch_alter_table\(\s*[\"'](\w+)", Path(script.path).read_text()))
        assert copied & LARGE == set(), script.revision


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE lesions",
        "ALTER TABLE patients DROP COLUMN notes",
        "ALTER TABLE patients RENAME notes TO remarks",
        "ALTER TABLE patients ALTER COLUMN notes TYPE VARCHAR(10)",
        "ALTER TABLE patients ALTER COLUMN notes SET NOT NULL",
        "ALTER TABLE patients ADD COLUMN colour VARCHAR(8) NOT NULL",
        "ALTER TABLE patients ADD CONSTRAINT fk FOREIGN KEY(a) REFERENCES b (id)",
        "CREATE INDEX ix ON patients (notes)",
        "CREATE UNIQUE INDEX ix ON patients (notes)",
        "DROP INDEX ix_patients",
        "UPDATE patients SET notes = ''",
        "DELETE FROM patients",
    ],
)
def test_what_hurts_is_found(sql: str) -> None:
    assert len(complaints(f"-- so far\nCREATE TABLE others (id INTEGER);\n\n{sql};\n\n")) == 1


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE colours (id INTEGER NOT NULL);\n\nCREATE INDEX ix ON colours (id);\n\nDELETE FROM colours;\n",
        "ALTER TABLE patients ADD COLUMN colour VARCHAR(8)",
        "ALTER TABLE patients ADD COLUMN colour INTEGER DEFAULT '0' NOT NULL",
        "CREATE INDEX CONCURRENTLY ix ON patients (notes)",
        "ALTER TABLE patients ADD CONSTRAINT fk FOREIGN KEY(a) REFERENCES b (id) NOT VALID",
        "CREATE FUNCTION f() RETURNS trigger AS $$ BEGIN DELETE FROM patients; END $$",
        "UPDATE alembic_version SET version_num='0031' WHERE alembic_version.version_num = '0030'",
    ],
)
def test_what_hurts_nobody_is_let_pass(sql: str) -> None:
    assert complaints(f"{sql};\n") == []


def test_what_takes_away_may_say_so_but_never_hold_people_up() -> None:
    assert complaints("ALTER TABLE patients DROP COLUMN notes;\n", contract=True) == []
    assert complaints("CREATE INDEX ix ON patients (notes);\n", contract=True) != []
