"""What a migration must not do to a site that is in use, found in the SQL that it would run on PostgreSQL."""

from __future__ import annotations

import re

CREATED = re.compile(r'CREATE TABLE (?:IF NOT EXISTS )?"?(\w+)"?', re.IGNORECASE)
# each: what is searched for, what is wrong with it, and whether a migration that says `contract` may do it
RULES: tuple[tuple[re.Pattern[str], str, bool], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), complaint, contract)
    for pattern, complaint, contract in (
        (r"DROP TABLE (?:IF EXISTS )?(?P<table>\w+)", "drops a table", True),
        (r"ALTER TABLE (?P<table>\w+) DROP COLUMN", "drops a column", True),
        (r"ALTER TABLE (?P<table>\w+) RENAME", "renames", True),
        (r"ALTER TABLE (?P<table>\w+) ALTER COLUMN \w+ TYPE", "changes a type", True),
        (r"ALTER TABLE (?P<table>\w+) ALTER COLUMN \w+ DROP DEFAULT", "takes away what old code relies on", True),
        (r"ALTER TABLE (?P<table>\w+) ALTER COLUMN \w+ SET NOT NULL", "asks for what old code does not write", True),
        (
            r"ALTER TABLE (?P<table>\w+) ADD COLUMN \w+ (?!.*DEFAULT).*NOT NULL",
            "asks for a column that old code does not write: give it a server default",
            False,
        ),
        (
            r"ALTER TABLE (?P<table>\w+) ADD CONSTRAINT(?!.*NOT VALID)(?!.*USING INDEX)",
            "looks at every row while nobody may write: NOT VALID first, or USING INDEX",
            False,
        ),
        (
            r"CREATE (?:UNIQUE )?INDEX (?!CONCURRENTLY).*? ON (?P<table>\w+)",
            "lets nobody write while the index is made: postgresql_concurrently in an autocommit_block",
            False,
        ),
        (r"DROP INDEX (?!CONCURRENTLY)(?P<table>)", "waits for whoever reads: postgresql_concurrently", False),
        (r"^UPDATE (?P<table>\w+)", "changes many rows at once: in stretches, each a transaction", False),
        (r"^DELETE FROM (?P<table>\w+)", "removes many rows at once: in stretches, each a transaction", False),
        (r"^LOCK TABLE (?P<table>\w+)", "locks a table", False),
    )
)
OURS = frozenset({"alembic_version", "compatibility"})  # of one row


def complaints(sql: str, *, contract: bool = False) -> list[str]:
    """Return a sentence for each statement of a migration that would hurt old code, or hold people up."""
    statements = [" ".join(part.split()) for part in re.split(r";\s*\n", _without_functions(sql))]
    free = OURS | {name for statement in statements for name in CREATED.findall(statement)}
    found = []
    for statement in statements:
        for pattern, complaint, may in RULES:
            match = pattern.search(statement)
            if match and match["table"] not in free and not (contract and may):
                found.append(f"{complaint}: {statement[:120]}")
    return found


def _without_functions(sql: str) -> str:
    """Leave out what triggers do later, and comments."""
    return re.sub(r"^--.*$", "", re.sub(r"\$\$.*?\$\$", "''", sql, flags=re.DOTALL), flags=re.MULTILINE)
