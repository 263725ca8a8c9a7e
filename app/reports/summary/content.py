"""What the patient's page says, made from a clinician's verdict and choice, never from the classifier's answer."""

from __future__ import annotations

from dataclasses import dataclass

from app.encrypted import required
from app.reports.summary import words
from app.reports.summary.steps import NOTHING, Chosen
from app.results.report.clinic import Clinic
from app.results.report.text import day, note_lines, one_line
from app.results.tables import Analysis
from app.results.verdicts.labels import is_malignant


@dataclass(frozen=True, slots=True)
class Verdicts:
    """The verdicts in force by their codes, None where there is none; `basis` says how the diagnosis is known."""

    assessment: str | None = None
    diagnosis: str | None = None
    basis: str | None = None

    @property
    def malignant(self) -> bool | None:
        """The side of the one that counts; None where there is none, or where it could not be told."""
        return is_malignant(self.diagnosis or self.assessment)


@dataclass(frozen=True, slots=True)
class SummaryContent:
    """A patient's page in the order in which it is read; `chosen` is what the clinician chose for it."""

    clinic: str
    address: tuple[str, ...]
    title: str
    date: str
    patient: str
    done: tuple[str, ...]
    found: tuple[str, ...]
    limits: tuple[str, ...]
    next: tuple[str, ...]
    contact: str
    chosen: Chosen


def summary_content(analysis: Analysis, *, verdicts: Verdicts, chosen: Chosen, clinic: Clinic) -> SummaryContent:
    """Put an analysis into words for the patient."""
    return SummaryContent(
        clinic=clinic.name,
        address=clinic.address,
        title=words.TITLE,
        date=day(analysis.created_at),
        patient=one_line(required(analysis.patient_name)),
        done=(_photographed(analysis), words.LOOKED if analysis.accepted else words.NOT_USED),
        found=_found(verdicts, accepted=analysis.accepted),
        limits=(words.ONE_SPOT, *(() if verdicts.basis == "histology" else (words.SURFACE,))),
        next=(chosen.sentence, *note_lines(chosen.words)),
        contact=_contact(clinic),
        chosen=chosen,
    )


def reassures_falsely(verdicts: Verdicts, step: str) -> bool:
    """Tell whether a step would say more than a clinician has: that nothing is needed, without a benign verdict."""
    return step == NOTHING and verdicts.malignant is not False


def _photographed(analysis: Analysis) -> str:
    place = words.PLACES.get(analysis.body_site or "", analysis.body_site)
    where = f" (place: {place})" if place and place != "unknown" else ""
    return f"On {day(analysis.created_at)} a close photograph was taken of a spot on your skin{where}."


def _found(verdicts: Verdicts, *, accepted: bool) -> tuple[str, ...]:
    if verdicts.diagnosis is None and verdicts.assessment is None:
        return (words.NOT_SEEN if accepted else words.NOT_SEEN_REFUSED,)
    said = _known(verdicts, verdicts.diagnosis) if verdicts.diagnosis else _seen(verdicts.assessment or "")
    return (said,) if accepted else (said, words.NOT_FROM_THE_PHOTOGRAPH)


def _known(verdicts: Verdicts, diagnosis: str) -> str:
    if verdicts.malignant:
        return words.KNOWN_MALIGNANT
    return words.KNOWN_BENIGN.format(name=words.NAMES[diagnosis], basis=words.BASES[verdicts.basis or "consensus"])


def _seen(assessment: str) -> str:
    if is_malignant(assessment) is None:
        return words.SEEN_UNCERTAIN
    if is_malignant(assessment):
        return words.SEEN_SUSPICIOUS
    return words.SEEN_BENIGN.format(name=words.NAMES[assessment])


def _contact(clinic: Clinic) -> str:
    if clinic.contact:
        return words.REACH.format(clinic=clinic.name, contact=clinic.contact.rstrip("."))
    return words.ASK_HERE.format(clinic=clinic.name)
