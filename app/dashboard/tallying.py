"""How the database keeps the tallies: with each analysis that comes, goes, or is given a verdict.

Triggers, and not the application: no way of deleting or changing analyses can forget them; see docs/decisions/0020.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, MetaData, event

from app.dashboard.tables import ALERTED, BELOW, NO_ANSWER, NO_THRESHOLD, NO_VERDICT
from app.extensions import Base
from app.inference import SPREAD_EDGES

WEEKS = {  # since the first Monday of 1970; a week has 604,800 seconds
    "sqlite": "(CAST(strftime('%s', {row}.created_at) AS INTEGER) - 345600) / 604800",
    "postgresql": "CAST(floor((extract(epoch FROM {row}.created_at) - 345600) / 604800) AS integer)",
}
BIN = " ".join(f"WHEN {{row}}.malignancy < {edge} THEN {number}" for number, edge in enumerate(SPREAD_EDGES))
OF_ALL = {
    "clinic_id": "{row}.clinic_id",
    "week": "{week}",
    **{n: f"{{row}}.{n}" for n in ("model_name", "model_version")},
}
ANSWER = {
    "outcome": f"CASE WHEN {{row}}.accepted THEN {{row}}.label ELSE '{NO_ANSWER}' END",
    "bin": f"CASE WHEN NOT {{row}}.accepted THEN -1 {BIN} ELSE {len(SPREAD_EDGES)} END",
}


# what can change the tallies: the last two do, and were the others ever mended by hand, they still are right
CHANGES = (
    "UPDATE OF clinic_id, created_at, model_name, model_version, label, malignancy, accepted, threshold, milliseconds, "
    "assessment, diagnosis"
)


@dataclass(frozen=True, slots=True)
class Counted:
    """A table of tallies: its keys and its sums as expressions of a `row` and its `week`, and what it counts."""

    table: str
    keys: Mapping[str, str]
    sums: Mapping[str, str]
    only: str = "true"

    def added(self, row: str, week: str) -> str:
        """Return the statement that counts a row."""
        columns = ", ".join((*self.keys, *self.sums))
        values = ", ".join(_of(row, week, part) for part in (*self.keys.values(), *self.sums.values()))
        more = ", ".join(f"{name} = {self.table}.{name} + excluded.{name}" for name in self.sums)
        return (
            f"INSERT INTO {self.table} ({columns}) SELECT {values} WHERE {_of(row, week, self.only)} "
            f"ON CONFLICT ({', '.join(self.keys)}) DO UPDATE SET {more};"
        )

    def taken_away(self, row: str, week: str) -> str:
        """Return the statement that counts a row no more; where the tally has gone with its clinic, nothing happens."""
        less = ", ".join(f"{name} = {name} - {_of(row, week, part)}" for name, part in self.sums.items())
        same = " AND ".join(f"{name} = ({_of(row, week, part)})" for name, part in self.keys.items())
        return f"UPDATE {self.table} SET {less} WHERE ({_of(row, week, self.only)}) AND {same};"  # noqa: S608 - ours


TALLIES = (
    Counted("weekly_answers", {**OF_ALL, **ANSWER, "assessed": "{row}.assessment IS NOT NULL"}, {"tests": "1"}),
    Counted(
        "weekly_verdicts",
        {
            **OF_ALL,
            **ANSWER,
            "alerted": f"CASE WHEN {{row}}.threshold IS NULL THEN {NO_THRESHOLD} "
            f"WHEN {{row}}.malignancy >= {{row}}.threshold THEN {ALERTED} ELSE {BELOW} END",
            **{name: f"COALESCE({{row}}.{name}, '{NO_VERDICT}')" for name in ("assessment", "diagnosis")},
        },
        {"tests": "1", "malignancy": "CAST(round({row}.malignancy * 1000000) AS integer)"},
        only="{row}.assessment IS NOT NULL OR {row}.diagnosis IS NOT NULL",
    ),
    Counted(
        "weekly_durations",
        {**OF_ALL, "milliseconds": "{row}.milliseconds"},
        {"tests": "1"},
        only="{row}.milliseconds IS NOT NULL",
    ),
)


def triggers(dialect: str) -> Sequence[str]:
    """Return the statements that make the triggers, for ``sqlite`` or ``postgresql``."""
    week = WEEKS[dialect]
    add = " ".join(tally.added("NEW", week) for tally in TALLIES)
    take = " ".join(tally.taken_away("OLD", week) for tally in TALLIES)
    if dialect == "sqlite":
        happenings = {"INSERT": add, "DELETE": take, CHANGES: f"{take} {add}"}
        return [_on_sqlite(happening, done) for happening, done in happenings.items()]
    function = (
        "CREATE OR REPLACE FUNCTION tally_analyses() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP <> 'INSERT' THEN {take} END IF; IF TG_OP <> 'DELETE' THEN {add} END IF; RETURN NULL; END $$"
    )
    trigger = (
        f"CREATE OR REPLACE TRIGGER tally_analyses AFTER INSERT OR DELETE OR {CHANGES} "
        "ON analyses FOR EACH ROW EXECUTE FUNCTION tally_analyses()"
    )
    return [function, trigger]


def _on_sqlite(happening: str, done: str) -> str:
    name = f"tally_analyses_{happening.split(maxsplit=1)[0].lower()}"
    return f"CREATE TRIGGER IF NOT EXISTS {name} AFTER {happening} ON analyses FOR EACH ROW BEGIN {done} END"


def _of(row: str, week: str, expression: str) -> str:
    return expression.format(row=row, week=week.format(row=row))


@event.listens_for(Base.metadata, "after_create")
def _make_triggers(_metadata: MetaData, connection: Connection, **_: Any) -> None:
    """Make them with the tables; a site gets both from the migrations."""
    for statement in triggers(connection.dialect.name):
        connection.exec_driver_sql(statement)
