import logging

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade
from sqlalchemy import UniqueConstraint, inspect

from app.extensions import db
from app.factory import create_app
from tests.fakes import FakeClassifiers

BOOKKEEPING = {"alembic_version"}


@pytest.fixture
def empty_database(settings):
    """An application whose database has no tables, and its context."""
    app = create_app(settings, FakeClassifiers())
    with app.app_context():
        yield
        db.session.remove()
        db.engine.dispose()


def tables():
    return set(inspect(db.engine).get_table_names()) - BOOKKEEPING


def test_migrations_make_every_table_from_nothing(empty_database):
    upgrade()

    assert tables() == set(db.metadata.tables)


def test_migrations_make_exactly_the_tables_of_the_code(empty_database):
    upgrade()

    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, db.metadata)

    assert differences == []


def test_migrations_can_be_taken_back_and_made_again(empty_database):
    upgrade()

    downgrade(revision="base")
    without = tables()
    upgrade()

    assert without == set()
    assert tables() == set(db.metadata.tables)


def test_migrations_leave_the_rules_of_the_columns_as_the_code_has_them(empty_database):
    upgrade()

    inspector = inspect(db.engine)
    for table in db.metadata.sorted_tables:
        found = {column["name"]: column["nullable"] for column in inspector.get_columns(table.name)}
        assert found == {column.name: column.nullable for column in table.columns}
        unique = {tuple(rule["column_names"]) for rule in inspector.get_unique_constraints(table.name)}
        rules = [rule for rule in table.constraints if isinstance(rule, UniqueConstraint)]
        assert unique == {tuple(rule.columns.keys()) for rule in rules}


def test_analyses_go_with_their_owner(empty_database):
    upgrade()

    keys = inspect(db.engine).get_foreign_keys("analyses")

    assert [(key["referred_table"], key["options"]) for key in keys] == [("users", {"ondelete": "CASCADE"})]


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
