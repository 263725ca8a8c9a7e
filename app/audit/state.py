"""What the last verification found, in a file beside the anchors: for the pages that show it, and for /readyz."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.audit.verification import Finding
from app.clock import now
from app.secret_files import write_secret
from config import Settings


@dataclass(frozen=True, slots=True)
class State:
    """When the log was verified last, how many events it had, and what was wrong."""

    at: datetime
    events: int
    breaks: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing was wrong."""
        return not self.breaks


def file_of(settings: Settings) -> Path:
    """Return where it is kept."""
    return settings.instance / "audit-state.json"


def keep_state(path: Path, finding: Finding) -> None:
    """Remember what a verification has found."""
    kept = {"at": now().isoformat(), "events": finding.events, "breaks": finding.breaks}
    write_secret(path, json.dumps(kept), replace=True)


def last_state(path: Path) -> State | None:
    """Return what was found last; None if nothing was ever, or the file can't be read."""
    try:
        kept = json.loads(path.read_text())
        return State(datetime.fromisoformat(kept["at"]), int(kept["events"]), tuple(map(str, kept["breaks"])))
    except (OSError, ValueError, TypeError, KeyError):
        return None
