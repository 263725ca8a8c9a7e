"""What is to be erased again after a backup was restored: what lists say, wherever they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.erasures import ledger
from app.erasures.records import Erased
from app.erasures.tables import Erasure


def listed(session: Session, own: Path, files: Iterable[Path]) -> set[Erased]:
    """Return what is listed in files, in the one beside the database, and in the database; UnreadableLineError."""
    found: set[Erased] = set()
    for file in files:
        found |= set(ledger.read(file))
    found |= set(ledger.read(own, torn=True)) if own.exists() else set()
    return found | {Erased(row.kind, row.public_id, row.erased_at) for row in session.scalars(select(Erasure))}


def told(again: Counter[str]) -> str:
    """Say in a sentence what was erased again."""
    kinds = ", ".join(f"{again[kind]:,} of kind {kind}" for kind in sorted(again) if again[kind])
    return f"Erased again: {kinds}." if kinds else "Nothing of what is listed was there."
