"""In PostgreSQL whatever forgets a name waits for what writes it down at the same moment, and the other way round.

Revision: 0029, after 0028
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

BORNE = {"patients": "name_key", "analyses": "patient_key"}
CHANGED = "OLD.{key} IS DISTINCT FROM NEW.{key}"
ALONE = "PERFORM pg_advisory_xact_lock(hashtextextended(OLD.{key}, 0))"
FORGET = "DELETE FROM name_marks WHERE name_key = OLD.{key} " + " ".join(
    f"AND NOT EXISTS (SELECT 1 FROM {table} WHERE clinic_id = OLD.clinic_id AND {key} = OLD.{{key}})"
    for table, key in BORNE.items()
)


def upgrade() -> None:
    _make(f"IF {CHANGED} THEN {ALONE}; {FORGET}; END IF;")


def downgrade() -> None:
    _make(f"{FORGET};")


def _make(body: str) -> None:
    if op.get_context().dialect.name != "postgresql":
        return
    for table, key in BORNE.items():
        statement = (
            f"CREATE OR REPLACE FUNCTION forget_names_of_{table}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN {body.format(key=key)} RETURN NULL; END $$"
        )
        op.execute(sa.text(statement))
