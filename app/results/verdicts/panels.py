"""What the result page shows of the verdicts: what is in force, what was before, and the forms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.results.tables import Analysis
from app.results.verdicts.blind import is_concealed
from app.results.verdicts.comparison import agreement, beside_diagnosis
from app.results.verdicts.forms import AssessmentForm, DiagnosisForm, VerdictForm
from app.results.verdicts.selectors import newest, verdicts_of
from app.results.verdicts.tables import ASSESSMENT, DIAGNOSIS, Verdict


@dataclass(frozen=True, slots=True)
class Refused:
    """A form that was not recorded: its entries were not right, or another verdict had come `meanwhile`."""

    form: VerdictForm | None
    kind: str
    meanwhile: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """The verdicts of one kind: what is `in_force`, if anything is, and what was said `earlier`, newest first.

    `newest` may have taken back the one before. `refused` is a form that was just sent and not recorded.
    """

    kind: str
    newest: Verdict | None
    in_force: Verdict | None
    earlier: Sequence[Verdict]
    comparison: tuple[str, ...]
    form: VerdictForm
    refused: Refused | None


@dataclass(frozen=True, slots=True)
class Panels:
    """Both kinds."""

    assessment: Panel
    diagnosis: Panel

    @property
    def refused(self) -> Refused | None:
        """What to say of a form of either kind that was just sent."""
        return self.assessment.refused or self.diagnosis.refused


def panels(session: Session, analysis: Analysis, refused: Refused | None = None) -> Panels:
    """Return what the page of an analysis shows; a form that was refused stands on it as it was sent."""
    verdicts, shown = verdicts_of(session, analysis), not is_concealed(analysis)
    return Panels(
        assessment=_panel(ASSESSMENT, verdicts, agreement(analysis) if shown else (), refused),
        diagnosis=_panel(DIAGNOSIS, verdicts, beside_diagnosis(analysis) if shown else (), refused),
    )


def _panel(kind: str, verdicts: Sequence[Verdict], comparison: tuple[str, ...], refused: Refused | None) -> Panel:
    last = newest(verdicts, kind)
    in_force = last if last is not None and last.label is not None else None
    earlier = [verdict for verdict in reversed(verdicts) if verdict.kind == kind and verdict is not in_force]
    here = refused if refused is not None and refused.kind == kind else None
    form = here.form if here is not None and here.form is not None else _fresh(kind, last)
    if here is not None and here.meanwhile:
        form.look_at(last)  # the page says what came meanwhile: sent once more, the form may replace it
    return Panel(kind, last, in_force, earlier, comparison, form, here)


def _fresh(kind: str, last: Verdict | None) -> VerdictForm:
    return (AssessmentForm if kind == ASSESSMENT else DiagnosisForm).of(last)
