"""What the filters ask for, as conditions; each says which index finds it, if one does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, false, not_, or_
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.auth.tables import User
from app.inference import TASKS, Label
from app.results.history import filters as words
from app.results.history.filters import Filters
from app.results.history.lookups import Texts, labelled, tests_with
from app.results.names import begin_so, names_with
from app.results.tables import UNRANKED, Analysis
from app.results.verdicts.blind import concealed_from
from app.results.verdicts.labels import VERDICTS

ANSWERS = [label for task in TASKS.values() for label in task.labels]
Verdicts = InstrumentedAttribute[str | None]


@dataclass(frozen=True, slots=True)
class Asked:
    """What one filter asks for.

    `found` says that an index finds it, `order` by which column what it finds stands sorted, if by any of an order;
    `dear` that each look takes long, `own` that what is found was seen to be the person's own: databases would
    otherwise rather read everything of the person's than look up some ids.
    """

    condition: ColumnElement[bool]
    found: bool = False
    order: str | None = None
    dear: bool = False
    own: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """All that is asked for; `texts` is None where no text is."""

    asked: tuple[Asked, ...]
    texts: Texts | None


def question_of(session: Session, user: User, filters: Filters) -> Question:
    """Put filters into conditions; names and texts are looked up for that."""
    texts = None if filters.text is None else tests_with(session, user, filters.text, filters)
    asked = [*_about_patient(session, user, filters), *_about_answer(user, filters), *_about_verdicts(filters)]
    if texts is not None:
        asked.append(Asked(Analysis.id.in_(texts.ids), found=True, own=True))
    return Question((*asked, *_about_photograph(filters)), texts)


def _about_patient(session: Session, user: User, filters: Filters) -> Iterator[Asked]:
    if filters.patient:
        names = names_with(session, user, filters.patient)
        if names is None:
            yield Asked(begin_so(session, user.clinic_id, filters.patient, Analysis.patient_key))
        else:
            yield Asked(Analysis.patient_key.in_(names), found=True) if names else Asked(false(), found=True)
    if filters.nobody:
        yield Asked(Analysis.patient_id.is_(None), found=True)
    for column, kept_with in ((Analysis.patient_id, filters.patient_id), (Analysis.lesion_id, filters.lesion_id)):
        if kept_with is not None:
            yield Asked(column == kept_with, found=True, own=True)
    if filters.lesion:
        yield Asked(labelled(filters.lesion), dear=True)


def _about_answer(user: User, filters: Filters) -> Iterator[Asked]:
    least, most = filters.malignancy
    if user.blind and filters.ask_for_answers:
        yield Asked(not_(concealed_from(user)))
    if filters.label == words.ANSWERED:
        yield Asked(Analysis.suspicion > UNRANKED, found=True, order="suspicion")
    elif filters.label == words.NO_ANSWER:
        yield Asked(Analysis.suspicion == UNRANKED, found=True, order="suspicion")
    elif filters.label:
        yield Asked(Analysis.label == filters.label, found=True, order="suspicion")
        yield Asked(Analysis.accepted.is_(True))
    if least is not None:  # more than UNRANKED: the list shows no such figure
        ends = [] if most is None else [Analysis.suspicion <= most]
        yield Asked(and_(Analysis.suspicion >= least, *ends), found=True, order="suspicion")
    if filters.alert:
        yield Asked(and_(Analysis.suspicion >= Analysis.threshold, Analysis.accepted.is_(True)))


def _about_verdicts(filters: Filters) -> Iterator[Asked]:
    for verdicts, wanted in ((Analysis.assessment, filters.assessment), (Analysis.diagnosis, filters.diagnosis)):
        if wanted == words.AGAINST:
            yield Asked(verdicts.is_not(None), found=verdicts is Analysis.diagnosis)
        if wanted:
            there = wanted not in (words.NOT_GIVEN, words.AGAINST)
            yield Asked(_verdict(verdicts, wanted), found=there and verdicts is Analysis.diagnosis)


def _verdict(verdicts: Verdicts, wanted: str) -> ColumnElement[bool]:
    if wanted == words.AGAINST:
        sides = [
            and_(Analysis.label.in_(_of_side(ANSWERS, side)), verdicts.in_(_of_side(VERDICTS.values(), not side)))
            for side in (True, False)
        ]
        return and_(Analysis.accepted.is_(True), or_(*sides))
    if wanted in (words.BENIGN, words.MALIGNANT):
        return verdicts.in_(_of_side(VERDICTS.values(), wanted == words.MALIGNANT))
    return {words.GIVEN: verdicts.is_not(None), words.NOT_GIVEN: verdicts.is_(None)}.get(wanted, verdicts == wanted)


def _of_side(labels: Iterable[Label], malignant: bool) -> list[str]:
    return [label.code for label in labels if label.malignant is malignant]


def _about_photograph(filters: Filters) -> Iterator[Asked]:
    start, end = filters.period
    if filters.site:
        yield Asked(Analysis.body_site == filters.site)
    if filters.classifier:
        yield Asked(Analysis.model_name == filters.classifier)
    if start is not None or end is not None:
        ends = ([] if start is None else [Analysis.created_at >= start]) + (
            [] if end is None else [Analysis.created_at < end]
        )
        yield Asked(and_(*ends), found=True, order="created_at")
