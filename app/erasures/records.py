"""An erasure as a line of a file: read strictly, for what is listed is erased."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime

from app.erasures.tables import KINDS

PUBLIC_ID = re.compile(r"[A-Za-z0-9_-]{8,32}")


class UnreadableLineError(ValueError):
    """A line that says of nothing that it was erased; the message says why."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased, and when; two are the same if they are of the same thing."""

    kind: str
    public_id: str
    erased_at: datetime = field(compare=False)

    def line(self) -> str:
        """Return it as a line of a file."""
        return json.dumps({"kind": self.kind, "id": self.public_id, "erased_at": self.erased_at.isoformat()})

    @classmethod
    def of(cls, line: str) -> Erased:
        """Read a line; UnreadableLineError."""
        try:
            said = json.loads(line)
            kind, public_id, at = said["kind"], said["id"], datetime.fromisoformat(said["erased_at"])
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise UnreadableLineError("it is not a line of a list of erasures") from error
        if kind not in KINDS or not isinstance(public_id, str) or not PUBLIC_ID.fullmatch(public_id):
            raise UnreadableLineError("it names nothing that could have been erased")
        if at.tzinfo is None:
            raise UnreadableLineError("its time has no zone")
        try:
            return cls(kind, public_id, at.astimezone(UTC))
        except OverflowError as error:
            raise UnreadableLineError("its time is none") from error
