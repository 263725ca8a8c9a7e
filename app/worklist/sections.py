"""The sections of the worklist: which tests and follow-ups wait, and in which order.

Each has the condition, and the order, of an index that holds nothing else. Archived patients' are left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select
from sqlalchemy.orm import InstrumentedAttribute

from app.auth.tables import User
from app.clock import now
from app.patients.follow_ups.selectors import follow_ups_of
from app.patients.follow_ups.tables import OPEN, FollowUp
from app.patients.tables import Lesion, Patient
from app.results.selectors import analyses_of
from app.results.tables import ALERTED, TO_RETAKE, UNASSESSED, UNFILED, Analysis

SOON = timedelta(days=14)  # follow-ups are listed so long before they are due

Waiting = Select[Any]


@dataclass(frozen=True, slots=True)
class Section:
    """What waits for one kind of step; `code` stands in its address.

    `query` selects what waits for a person, with the label and public id of the lesion, and the
    patient, where there are such; `entity` is what
    it selects, and `order` the column to sort by, ties by id, both falling or both rising.
    """

    code: str
    title: str
    lead: str
    query: Callable[[User], Waiting]
    entity: type[Analysis | FollowUp]
    order: InstrumentedAttribute[Any]
    falling: bool = True


def sections_of(user: User) -> tuple[Section, ...]:
    """Return the sections of a person's worklist, the most pressing first.

    Who looks blind first must not learn from the list which answers are alerts: all tests stand in one section then.
    """
    return (BLIND if user.blind else ALERTS, FOLLOW_UPS, RETAKES, NOBODYS)


def _tests(condition: ColumnElement[bool]) -> Callable[[User], Waiting]:
    def query(user: User) -> Waiting:
        tests = analyses_of(user).outerjoin(Patient, Patient.id == Analysis.patient_id)
        of_lesions = tests.outerjoin(Lesion, Lesion.id == Analysis.lesion_id)
        waiting = of_lesions.where(condition, Patient.archived_at.is_(None))
        return waiting.add_columns(Lesion.label, Lesion.public_id, Patient)

    return query


def _follow_ups(user: User) -> Waiting:
    of_lesions = follow_ups_of(user).join(Lesion, Lesion.id == FollowUp.lesion_id)
    due = of_lesions.join(Patient, Patient.id == Lesion.patient_id).where(OPEN, FollowUp.due <= now().date() + SOON)
    return due.where(Patient.archived_at.is_(None)).add_columns(Lesion.label, Lesion.public_id, Patient)


ALERTS = Section(
    "alerts",
    "Alerts without a verdict",
    "The malignancy reaches the classifier's alert threshold, and neither your assessment nor a diagnosis is recorded. "
    "Most suspicious first.",
    _tests(ALERTED),
    Analysis,
    Analysis.suspicion,
)
BLIND = Section(
    "unassessed",
    "Waiting for your assessment",
    "You look first without the classifier's answer: these tests show it once you have entered your assessment. Their "
    "order says nothing of the answers. Newest first.",
    _tests(UNASSESSED),
    Analysis,
    Analysis.created_at,
)
FOLLOW_UPS = Section(
    "follow-ups",
    "Follow-ups",
    "Overdue, and due within 14 days. The longest overdue first.",
    _follow_ups,
    FollowUp,
    FollowUp.due,
    falling=False,
)
RETAKES = Section(
    "retakes",
    "Photographs to be taken again",
    "Not accepted, or accepted with a caution, and no accepted photograph of the same lesion, or else body site, has "
    "followed. Newest first.",
    _tests(TO_RETAKE),
    Analysis,
    Analysis.created_at,
)
NOBODYS = Section(
    "whose",
    "Whose tests are these?",
    "Kept with no patient, because the name alone did not tell whose they are. Newest first.",
    _tests(UNFILED),
    Analysis,
    Analysis.created_at,
)
