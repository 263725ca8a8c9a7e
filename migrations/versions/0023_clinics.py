"""Clinics, whose the patients are: each account gets one of its own, and whatever an account had is its clinic's.

Revision: 0023, after 0022
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

RANDOM_ID = {
    "sqlite": "lower(hex(randomblob(16)))",
    "postgresql": "replace(CAST(gen_random_uuid() AS text), '-', '')",
}
# the id of a clinic is that of its account: whose something is can be written down without a look into another table
FOUNDED = """
    INSERT INTO clinics (id, public_id, name, created_at)
    SELECT id, {random_id}, 'Clinic of ' || name, created_at FROM users
"""
JOINED = "UPDATE users SET clinic_id = id, role = 'administrator', public_id = {random_id}"
COUNTED_ON = "SELECT setval(pg_get_serial_sequence('clinics', 'id'), (SELECT COALESCE(MAX(id), 0) + 1 FROM clinics), false)"
AUTHORED = ("analyses", "patients", "follow_ups", "batches", "deliveries")
SAID = "UPDATE verdicts SET clinic_id = (SELECT clinic_id FROM analyses WHERE analyses.id = verdicts.analysis_id)"

SEARCHED = (
    "created_at", "suspicion", "label", "accepted", "threshold", "body_site", "assessment", "diagnosis", "model_name",
    "patient_key", "patient_id", "lesion_id",
)
WIDE = {"created": ("created_at",), "suspicion": ("suspicion",), "patient": ("patient_key",), "label": ("label", "suspicion")}
WIDE_PARTIAL = {
    "diagnosis": (("diagnosis", "suspicion"), "diagnosis IS NOT NULL"),
    "nobody": (("patient_id", "patient_key"), "patient_id IS NULL"),
}
WITHOUT_VERDICT = sa.and_(sa.column("assessment").is_(None), sa.column("diagnosis").is_(None))
WAITING = {  # the conditions as SQLAlchemy writes them: a query is served only if it has the same, word for word
    "alerted": ("suspicion", sa.and_(sa.column("suspicion") >= sa.column("threshold"), WITHOUT_VERDICT)),
    "unassessed": ("created_at", sa.and_(sa.column("accepted").is_(True), WITHOUT_VERDICT)),
    "to_retake": ("created_at", sa.column("retake") == sa.literal_column("'due'")),
}

EDGES = (
    *(0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.04),
    *(0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95),
)
WEEKS = {
    "sqlite": "(CAST(strftime('%s', {row}.created_at) AS INTEGER) - 345600) / 604800",
    "postgresql": "CAST(floor((extract(epoch FROM {row}.created_at) - 345600) / 604800) AS integer)",
}
BIN = " ".join(f"WHEN {{row}}.malignancy < {edge} THEN {number}" for number, edge in enumerate(EDGES))
VERSION = {"week": "{week}", "model_name": "{row}.model_name", "model_version": "{row}.model_version"}
ANSWER = {
    "outcome": "CASE WHEN {row}.accepted THEN {row}.label ELSE 'none' END",
    "bin": f"CASE WHEN NOT {{row}}.accepted THEN -1 {BIN} ELSE {len(EDGES)} END",
}
# table -> keys beside whose it is, sums, and which analyses are counted
TALLIES = {
    "weekly_answers": ({**VERSION, **ANSWER, "assessed": "{row}.assessment IS NOT NULL"}, {"tests": "1"}, "true"),
    "weekly_verdicts": (
        {
            **VERSION,
            **ANSWER,
            "alerted": "CASE WHEN {row}.threshold IS NULL THEN -1 WHEN {row}.malignancy >= {row}.threshold THEN 1 ELSE 0 END",
            "assessment": "COALESCE({row}.assessment, '')",
            "diagnosis": "COALESCE({row}.diagnosis, '')",
        },
        {"tests": "1", "malignancy": "CAST(round({row}.malignancy * 1000000) AS integer)"},
        "{row}.assessment IS NOT NULL OR {row}.diagnosis IS NOT NULL",
    ),
    "weekly_durations": (
        {**VERSION, "milliseconds": "{row}.milliseconds"}, {"tests": "1"}, "{row}.milliseconds IS NOT NULL"
    ),
}
TYPES = {
    "clinic_id": sa.Integer, "owner_id": sa.Integer, "week": sa.Integer,
    "model_name": lambda: sa.String(64), "model_version": lambda: sa.String(32),
    "outcome": lambda: sa.String(16), "bin": sa.Integer, "assessed": sa.Boolean, "alerted": sa.Integer,
    "assessment": lambda: sa.String(16), "diagnosis": lambda: sa.String(16), "milliseconds": sa.Integer,
    "tests": sa.Integer, "malignancy": sa.Integer,
}
CHANGES = (
    "UPDATE OF {whose}, created_at, model_name, model_version, label, malignancy, accepted, threshold, milliseconds, "
    "assessment, diagnosis"
)
HAPPENINGS = ("insert", "delete", "update")

REFUSAL = "an account is the author of records: disable it instead"
OF_AUTHOR = " OR ".join(f"EXISTS (SELECT 1 FROM {table} WHERE author_id = OLD.id)" for table in AUTHORED)
KEEPING = {
    "sqlite": (
        f"CREATE TRIGGER users_kept BEFORE DELETE ON users WHEN {OF_AUTHOR} "
        f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION keep_authors() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {OF_AUTHOR} THEN RAISE EXCEPTION '{REFUSAL}'; END IF; RETURN OLD; END $$",
        "CREATE TRIGGER users_kept BEFORE DELETE ON users FOR EACH ROW EXECUTE FUNCTION keep_authors()",
    ),
}


def upgrade() -> None:
    dialect = op.get_context().dialect.name
    _found_clinics(dialect)
    _drop_tallies(dialect)
    _drop_indexes("owner")
    for table in AUTHORED:
        _rename(table, "owner_id", "author_id")
        _add_clinic(table)
        op.execute(sa.text(f"UPDATE {table} SET clinic_id = author_id"))
    _add_clinic("verdicts")
    op.execute(sa.text(SAID))
    _create_indexes("clinic", "clinic_id")
    _make_tallies(dialect, "clinic_id", "clinics")
    for statement in KEEPING[dialect]:
        _run(statement)


def downgrade() -> None:
    dialect = op.get_context().dialect.name
    _run("DROP TRIGGER users_kept" if dialect == "sqlite" else "DROP TRIGGER users_kept ON users")
    if dialect != "sqlite":
        _run("DROP FUNCTION keep_authors()")
    _drop_tallies(dialect)
    _drop_indexes("clinic")
    for table in AUTHORED:
        op.drop_column(table, "clinic_id")
        _rename(table, "author_id", "owner_id")
    op.drop_column("verdicts", "clinic_id")
    _create_indexes("owner", "owner_id")
    _make_tallies(dialect, "owner_id", "users")
    op.drop_index("ix_users_clinic", table_name="users")
    op.drop_index("ix_users_public_id", table_name="users")
    for column in ("last_sign_in_at", "role", "clinic_id", "public_id"):
        op.drop_column("users", column)
    op.drop_table("clinics")


def _found_clinics(dialect: str) -> None:
    op.create_table(
        "clinics",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(32), nullable=False),
        sa.Column("name", sa.String(140), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_clinics"),
        sa.UniqueConstraint("public_id", name="uq_clinics_public_id"),
    )
    op.add_column("users", sa.Column("public_id", sa.String(32), nullable=True))
    _add_clinic("users")
    op.add_column("users", sa.Column("role", sa.String(16), server_default="auditor", nullable=False))
    op.add_column("users", sa.Column("last_sign_in_at", sa.DateTime(timezone=True), nullable=True))
    for statement in (FOUNDED, JOINED):
        op.execute(sa.text(statement.format(random_id=RANDOM_ID[dialect])))
    if dialect == "postgresql":
        op.execute(sa.text(COUNTED_ON))
    op.create_index("ix_users_public_id", "users", ["public_id"], unique=True)
    op.create_index("ix_users_clinic", "users", ["clinic_id", "id"])


def _add_clinic(table: str) -> None:
    # in the column itself on SQLite, which adds no constraint to a table that is there
    key = sa.ForeignKey("clinics.id", name=f"fk_{table}_clinic_id_clinics")
    inline = op.get_context().dialect.name == "sqlite"
    op.add_column(table, sa.Column("clinic_id", sa.Integer(), key, nullable=True), inline_references=inline)


def _rename(table: str, column: str, name: str) -> None:
    # both databases rename in place, and follow the name in keys and indexes
    op.execute(sa.text(f"ALTER TABLE {table} RENAME COLUMN {column} TO {name}"))


def _drop_indexes(whose: str) -> None:
    for name in (*WAITING, "unfiled"):
        op.drop_index(f"ix_analyses_{name}", table_name="analyses")
    for name in (*WIDE, *WIDE_PARTIAL, "noted"):
        op.drop_index(f"ix_analyses_{whose}_{name}", table_name="analyses")
    op.drop_index("ix_verdicts_noted", table_name="verdicts")
    op.drop_index(f"ix_patients_{whose}_name", table_name="patients")
    op.drop_index(f"ix_batches_{whose}_created", table_name="batches")
    op.drop_index("ix_follow_ups_due", table_name="follow_ups")


def _create_indexes(whose: str, column: str) -> None:
    for name, order in WIDE.items():
        op.create_index(f"ix_analyses_{whose}_{name}", "analyses", _wide(column, order))
    for name, (order, where) in WIDE_PARTIAL.items():
        _create_partial(f"ix_analyses_{whose}_{name}", "analyses", _wide(column, order), sa.text(where))
    noted = sa.text("note IS NOT NULL")
    _create_partial(f"ix_analyses_{whose}_noted", "analyses", [column, "created_at", "id"], noted)
    for name, (order, condition) in WAITING.items():
        _create_partial(f"ix_analyses_{name}", "analyses", [column, order, "id"], condition)
    # made last: where SQLite finds two indexes equally good, it takes the newer one, and this is by far the smaller
    _create_partial("ix_analyses_unfiled", "analyses", [column, "created_at", "id"], sa.text("patient_id IS NULL"))
    speaker = "clinic_id" if whose == "clinic" else "author_id"
    _create_partial("ix_verdicts_noted", "verdicts", [speaker, "created_at", "analysis_id"], noted)
    op.create_index(f"ix_patients_{whose}_name", "patients", [column, "name_key", "id"])
    op.create_index(f"ix_batches_{whose}_created", "batches", [column, "created_at", "id"])
    _create_partial("ix_follow_ups_due", "follow_ups", [column, "due", "id"], sa.column("done_at").is_(None))


def _wide(column: str, order: tuple[str, ...]) -> list[str]:
    return [column, *order, "id", *(name for name in SEARCHED if name not in order)]


def _create_partial(name: str, table: str, columns: list[str], where: sa.ColumnElement[bool] | sa.TextClause) -> None:
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)


def _drop_tallies(dialect: str) -> None:
    if dialect == "sqlite":
        for happening in HAPPENINGS:
            _run(f"DROP TRIGGER tally_analyses_{happening}")
    else:
        _run("DROP TRIGGER tally_analyses ON analyses")
        _run("DROP FUNCTION tally_analyses()")
    for table in reversed(TALLIES):
        op.drop_table(table)


def _make_tallies(dialect: str, whose: str, table_of_whose: str) -> None:
    """Count the analyses anew: so the tallies are right whatever they were before."""
    for table, (keys, sums, _) in TALLIES.items():
        op.create_table(
            table,
            *(sa.Column(name, TYPES[name](), autoincrement=False, nullable=False) for name in (whose, *keys, *sums)),
            sa.ForeignKeyConstraint(
                [whose], [f"{table_of_whose}.id"], name=f"fk_{table}_{whose}_{table_of_whose}", ondelete="CASCADE"
            ),
            sa.PrimaryKeyConstraint(whose, *keys, name=f"pk_{table}"),
            sqlite_with_rowid=False,
        )
        _run(_counted(table, whose, WEEKS[dialect]))
    for statement in _triggers(dialect, whose):
        _run(statement)


def _triggers(dialect: str, whose: str) -> list[str]:
    week, changes = WEEKS[dialect], CHANGES.format(whose=whose)
    add = " ".join(_added(table, whose, "NEW", week) for table in TALLIES)
    take = " ".join(_taken_away(table, whose, "OLD", week) for table in TALLIES)
    if dialect == "sqlite":
        happenings = {"INSERT": add, "DELETE": take, changes: f"{take} {add}"}
        return [
            f"CREATE TRIGGER IF NOT EXISTS tally_analyses_{name} AFTER {happening} ON analyses FOR EACH ROW BEGIN {done} END"
            for name, (happening, done) in zip(HAPPENINGS, happenings.items())
        ]
    return [
        "CREATE OR REPLACE FUNCTION tally_analyses() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP <> 'INSERT' THEN {take} END IF; IF TG_OP <> 'DELETE' THEN {add} END IF; RETURN NULL; END $$",
        f"CREATE OR REPLACE TRIGGER tally_analyses AFTER INSERT OR DELETE OR {changes} "
        "ON analyses FOR EACH ROW EXECUTE FUNCTION tally_analyses()",
    ]


def _keys(table: str, whose: str) -> dict[str, str]:
    return {whose: f"{{row}}.{whose}", **TALLIES[table][0]}


def _counted(table: str, whose: str, week: str) -> str:
    keys, (_, sums, only) = _keys(table, whose), TALLIES[table]
    values = [_of("analyses", week, part) for part in keys.values()]
    summed = [f"SUM({_of('analyses', week, part)})" for part in sums.values()]
    return (
        f"INSERT INTO {table} ({', '.join((*keys, *sums))}) SELECT {', '.join((*values, *summed))} FROM analyses "
        f"WHERE {_of('analyses', week, only)} GROUP BY {', '.join(str(number + 1) for number in range(len(keys)))}"
    )


def _added(table: str, whose: str, row: str, week: str) -> str:
    keys, (_, sums, only) = _keys(table, whose), TALLIES[table]
    values = ", ".join(_of(row, week, part) for part in (*keys.values(), *sums.values()))
    more = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in sums)
    return (
        f"INSERT INTO {table} ({', '.join((*keys, *sums))}) SELECT {values} WHERE {_of(row, week, only)} "
        f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {more};"
    )


def _taken_away(table: str, whose: str, row: str, week: str) -> str:
    keys, (_, sums, only) = _keys(table, whose), TALLIES[table]
    less = ", ".join(f"{name} = {name} - {_of(row, week, part)}" for name, part in sums.items())
    same = " AND ".join(f"{name} = ({_of(row, week, part)})" for name, part in keys.items())
    return f"UPDATE {table} SET {less} WHERE ({_of(row, week, only)}) AND {same};"


def _of(row: str, week: str, expression: str) -> str:
    return expression.format(row=row, week=week.format(row=row))


def _run(statement: str) -> None:
    op.execute(sa.text(statement.replace(":", "\\:")))
