"""Everything that the dashboard shows of a period, put together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.dashboard import counting
from app.dashboard.activity import Totals, by_week, totals, versions
from app.dashboard.agreement import Agreement, agreement
from app.dashboard.calibration import calibration
from app.dashboard.cases import cases_of
from app.dashboard.counting import Scope, Version
from app.dashboard.distribution import by_class, by_malignancy
from app.dashboard.drift import drift_by_month, drift_sheet
from app.dashboard.latency import latency
from app.dashboard.proportion import Proportion, proportion
from app.dashboard.reference import card_of, reference
from app.dashboard.sheets import Sheet
from app.inference import Card, task_of


@dataclass(frozen=True, slots=True)
class Answers:
    """What one version of a classifier did; `card` is None if it is not installed.

    `accepted` is the share of photographs that it accepted, `accepted_before` that of the test photographs, None
    where it is not on the card.
    """

    version: Version
    card: Card | None
    totals: Totals
    accepted: Proportion
    accepted_before: float | None
    classes: Sheet
    malignancy: Sheet
    drift: Sheet
    drift_by_month: Sheet
    assessments: Agreement
    diagnoses: Agreement
    calibration: Sheet | None
    latency: Sheet


@dataclass(frozen=True, slots=True)
class Overview:
    """A person's tests in a period: all by week, and the answers of one version; None where there is no test."""

    totals: Totals
    weeks: Sheet
    versions: Sequence[Version]
    answers: Answers | None

    @property
    def sheets(self) -> dict[str, Sheet]:
        """Every table by its name."""
        return {sheet.name: sheet for sheet in (self.weeks, *_sheets(self.answers)) if sheet.rows}


def overview(session: Session, scope: Scope, cards: Sequence[Card], wanted: str = "") -> Overview:
    """Count a person's tests; `wanted` is the version to show in detail, else it is the one with the most tests."""
    blind, active = scope.user.blind, counting.activity(session, scope)
    used = versions(active)
    chosen = next((version for version in used if version.key == wanted), used[0] if used else None)
    if chosen is None:
        return Overview(totals([], blind=blind), by_week([], blind=blind), [], None)
    own = totals([row for row in active if row.version == chosen], blind=blind)
    answers = _answers(session, scope, chosen, card_of(cards, chosen), own)
    return Overview(totals(active, blind=blind), by_week(active, blind=blind), used, answers)


def _answers(session: Session, scope: Scope, version: Version, card: Card | None, own: Totals) -> Answers:
    answered, judged = counting.answers(session, scope, version), counting.judgements(session, scope, version)
    labels, before = task_of(version.name).labels, reference(card)
    diagnosed = cases_of(judged, "diagnosis")
    return Answers(
        version=version,
        card=card,
        totals=own,
        accepted=proportion(own.answered, own.tests),
        accepted_before=None if before.refused is None else 1 - before.refused,
        classes=by_class(answered, labels, before),
        malignancy=by_malignancy(answered, before),
        drift=drift_sheet(answered, labels, before),
        drift_by_month=drift_by_month(counting.spreads(session, scope, version), before),
        assessments=agreement("assessments", cases_of(judged, "assessment"), labels),
        diagnoses=agreement("diagnoses", diagnosed, labels),
        calibration=calibration(diagnosed),
        latency=latency(counting.durations(session, scope, version)),
    )


def _sheets(answers: Answers | None) -> Iterator[Sheet]:
    if answers is None:
        return
    yield from (answers.classes, answers.malignancy, answers.drift, answers.drift_by_month, answers.latency)
    for verdicts in (answers.assessments, answers.diagnoses):
        yield from (verdicts.classes, verdicts.sides)
        yield from () if verdicts.figures is None else (verdicts.figures,)
    yield from () if answers.calibration is None else (answers.calibration,)
