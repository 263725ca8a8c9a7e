"""What an export tells: plain values, gathered from the record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.inference import Card, Label
from app.interop.codes import Concept
from app.results.tables import Analysis
from app.results.verdicts.tables import Verdict


@dataclass(frozen=True, slots=True)
class Nature:
    """What was said of a photograph: whether it is dermoscopic, and whether nothing in it tells who the patient is.

    Where nothing was said, the least is claimed.
    """

    dermoscopic: bool = False
    anonymous: bool = False

    @property
    def code(self) -> str:
        """A word that differs where the photograph's object does."""
        return f"{'dermoscopic' if self.dermoscopic else 'photographic'}{'-anonymous' if self.anonymous else ''}"


@dataclass(frozen=True, slots=True)
class Tracked:
    """What is followed over time: the lesion, or where none is known the one photograph of it; `name` is one line."""

    reference: str
    name: str


@dataclass(frozen=True, slots=True)
class Case:
    """An analysis, and what is known around it; `photograph` is the kept PNG.

    `patient` is our reference of the patient, that of the test where nobody knows yet whose it is. `left` is None where
    no side is known. `shown` is False while the person must not see the answer. `card` is None where the version that
    answered is not installed. `verdicts` are those in force.
    """

    analysis: Analysis
    photograph: bytes
    nature: Nature
    patient: str
    tracked: Tracked
    site: Concept | None
    left: bool | None
    labels: Sequence[Label]
    card: Card | None
    verdicts: Sequence[Verdict]
    shown: bool
    clinic: str

    @property
    def taken(self) -> datetime:
        """When the photograph was given to Lentigo, UTC."""
        return self.analysis.created_at

    @property
    def answered(self) -> bool:
        """Whether there is an answer that may be told."""
        return self.shown and self.analysis.accepted

    @property
    def classifier(self) -> str:
        """What answered, in words."""
        title = self.card.title if self.card else self.analysis.model_name
        return f"{title} version {self.analysis.model_version}"
