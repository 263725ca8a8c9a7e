"""How long an answer took, and tallies of the analyses by week, which the database keeps.

Revision: 0010, after 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

EDGES = (
    *(0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.04),
    *(0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95),
)
WEEKS = {  # since the first Monday of 1970; a week has 604,800 seconds
    "sqlite": "(CAST(strftime('%s', {row}.created_at) AS INTEGER) - 345600) / 604800",
    "postgresql": "CAST(floor((extract(epoch FROM {row}.created_at) - 345600) / 604800) AS integer)",
}
BIN = " ".join(f"WHEN {{row}}.malignancy < {edge} THEN {number}" for number, edge in enumerate(EDGES))
OF_ALL = {
    "owner_id": "{row}.owner_id", "week": "{week}",
    "model_name": "{row}.model_name", "model_version": "{row}.model_version",
}
ANSWER = {
    "outcome": "CASE WHEN {row}.accepted THEN {row}.label ELSE 'none' END",
    "bin": f"CASE WHEN NOT {{row}}.accepted THEN -1 {BIN} ELSE {len(EDGES)} END",
}
# table -> keys, sums, and which analyses are counted
TALLIES = {
    "weekly_answers": ({**OF_ALL, **ANSWER, "assessed": "{row}.assessment IS NOT NULL"}, {"tests": "1"}, "true"),
    "weekly_verdicts": (
        {
            **OF_ALL,
            **ANSWER,
            "alerted": "CASE WHEN {row}.threshold IS NULL THEN -1 WHEN {row}.malignancy >= {row}.threshold THEN 1 ELSE 0 END",
            "assessment": "COALESCE({row}.assessment, '')",
            "diagnosis": "COALESCE({row}.diagnosis, '')",
        },
        {"tests": "1", "malignancy": "CAST(round({row}.malignancy * 1000000) AS integer)"},
        "{row}.assessment IS NOT NULL OR {row}.diagnosis IS NOT NULL",
    ),
    "weekly_durations": (
        {**OF_ALL, "milliseconds": "{row}.milliseconds"}, {"tests": "1"}, "{row}.milliseconds IS NOT NULL"
    ),
}
TYPES = {
    "owner_id": sa.Integer, "week": sa.Integer, "model_name": lambda: sa.String(64), "model_version": lambda: sa.String(32),
    "outcome": lambda: sa.String(16), "bin": sa.Integer, "assessed": sa.Boolean, "alerted": sa.Integer,
    "assessment": lambda: sa.String(16), "diagnosis": lambda: sa.String(16), "milliseconds": sa.Integer,
    "tests": sa.Integer, "malignancy": sa.Integer,
}
CHANGES = (
    "UPDATE OF owner_id, created_at, model_name, model_version, label, malignancy, accepted, threshold, milliseconds, "
    "assessment, diagnosis"
)
HAPPENINGS = ("insert", "delete", "update")


def upgrade() -> None:
    op.add_column("analyses", sa.Column("milliseconds", sa.Integer(), nullable=True))
    for table, (keys, sums, _) in TALLIES.items():
        op.create_table(
            table,
            *(sa.Column(name, TYPES[name](), autoincrement=False, nullable=False) for name in (*keys, *sums)),
            sa.ForeignKeyConstraint(
                ["owner_id"], ["users.id"], name=f"fk_{table}_owner_id_users", ondelete="CASCADE"
            ),
            sa.PrimaryKeyConstraint(*keys, name=f"pk_{table}"),
            sqlite_with_rowid=False,
        )
    dialect = op.get_context().dialect.name
    for table in TALLIES:
        _run(_counted(table, WEEKS[dialect]))
    for statement in _triggers(dialect):
        _run(statement)


def downgrade() -> None:
    if op.get_context().dialect.name == "sqlite":
        for happening in HAPPENINGS:
            _run(f"DROP TRIGGER tally_analyses_{happening}")
    else:
        _run("DROP TRIGGER tally_analyses ON analyses")
        _run("DROP FUNCTION tally_analyses()")
    for table in reversed(TALLIES):
        op.drop_table(table)
    op.drop_column("analyses", "milliseconds")


def _triggers(dialect: str) -> list[str]:
    week = WEEKS[dialect]
    add = " ".join(_added(table, "NEW", week) for table in TALLIES)
    take = " ".join(_taken_away(table, "OLD", week) for table in TALLIES)
    if dialect == "sqlite":
        happenings = {"INSERT": add, "DELETE": take, CHANGES: f"{take} {add}"}
        return [
            f"CREATE TRIGGER IF NOT EXISTS tally_analyses_{name} AFTER {happening} ON analyses FOR EACH ROW BEGIN {done} END"
            for name, (happening, done) in zip(HAPPENINGS, happenings.items())
        ]
    return [
        "CREATE OR REPLACE FUNCTION tally_analyses() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP <> 'INSERT' THEN {take} END IF; IF TG_OP <> 'DELETE' THEN {add} END IF; RETURN NULL; END $$",
        f"CREATE OR REPLACE TRIGGER tally_analyses AFTER INSERT OR DELETE OR {CHANGES} "
        "ON analyses FOR EACH ROW EXECUTE FUNCTION tally_analyses()",
    ]


def _counted(table: str, week: str) -> str:
    keys, sums, only = TALLIES[table]
    values = [_of("analyses", week, part) for part in keys.values()]
    summed = [f"SUM({_of('analyses', week, part)})" for part in sums.values()]
    return (
        f"INSERT INTO {table} ({', '.join((*keys, *sums))}) SELECT {', '.join((*values, *summed))} FROM analyses "
        f"WHERE {_of('analyses', week, only)} GROUP BY {', '.join(str(number + 1) for number in range(len(keys)))}"
    )


def _added(table: str, row: str, week: str) -> str:
    keys, sums, only = TALLIES[table]
    values = ", ".join(_of(row, week, part) for part in (*keys.values(), *sums.values()))
    more = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in sums)
    return (
        f"INSERT INTO {table} ({', '.join((*keys, *sums))}) SELECT {values} WHERE {_of(row, week, only)} "
        f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {more};"
    )


def _taken_away(table: str, row: str, week: str) -> str:
    keys, sums, only = TALLIES[table]
    less = ", ".join(f"{name} = {name} - {_of(row, week, part)}" for name, part in sums.items())
    same = " AND ".join(f"{name} = ({_of(row, week, part)})" for name, part in keys.items())
    return f"UPDATE {table} SET {less} WHERE ({_of(row, week, only)}) AND {same};"


def _of(row: str, week: str, expression: str) -> str:
    return expression.format(row=row, week=week.format(row=row))


def _run(statement: str) -> None:
    op.execute(sa.text(statement.replace(":", "\\:")))
