"""Which line of a spreadsheet speaks of which file: said only where no other file could be meant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.batches.sending.sheet import Row
from app.decoding.names import folded, spellings


@dataclass(frozen=True, slots=True)
class Match:
    """Rows by the names of their files; `doubtful` names share a row with others, `unmatched` rows have no file."""

    rows: Mapping[str, Row]
    doubtful: frozenset[str]
    unmatched: tuple[Row, ...]


def match(names: Iterable[str], rows: Sequence[Row]) -> Match:
    """Find the row of each file: by its whole path, else by ever less of it, else without its ending."""
    by_name = {folded(row.file): row for row in rows}
    claims: dict[int, list[str]] = defaultdict(list)
    for name in names:
        row = next((by_name[spelling] for spelling in spellings(name) if spelling in by_name), None)
        if row is not None:
            claims[row.line].append(name)
    by_line = {row.line: row for row in rows}
    return Match(
        rows={claimants[0]: by_line[line] for line, claimants in claims.items() if len(claimants) == 1},
        doubtful=frozenset(name for claimants in claims.values() if len(claimants) > 1 for name in claimants),
        unmatched=tuple(row for row in rows if row.line not in claims),
    )
