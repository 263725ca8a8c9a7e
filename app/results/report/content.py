"""What a report says: plain sentences and values, made from an analysis and nothing else that could change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.encrypted import required
from app.inference import Card, Label
from app.results.measurement import Fact, measurement
from app.results.operating_points import Referral, referral
from app.results.reliability import Remark, ground, stability
from app.results.report.clinic import Clinic
from app.results.report.text import moment, note_lines, one_line
from app.results.second_reading import SecondReading, second_reading
from app.results.tables import Analysis
from app.results.wording import ALARM, COUNTS, SPACE, Band, Caution, band, cautions, certainty, percent

TITLE = "Analysis of a skin lesion photograph"
NOT_GIVEN = "Not given"
NOT_ACCEPTED = "No answer: the photograph was not accepted"
NO_ANSWER = "No answer"
LEFT_OUT = "The scores are left out of this report; whoever wants them finds them on the page of this result."
MIND_QUALITY = "Mind the quality of the photograph"
PURPOSE = "Decision support for clinicians. Not a diagnosis. Not a medical device."
DISCLAIMER = (
    "This report was made by a computer program from one photograph. Examine the lesion and the patient, weigh the "
    "history, and follow up or biopsy a lesion that worries you, whatever the figures above say. Never give or "
    "withhold treatment on the ground of this report alone."
)


@dataclass(frozen=True, slots=True)
class ClassShare:
    """One row of table and chart: `share` is the probability in [0, 1], `percent` what is written.

    `with_patient` is what is written of the second reading; empty without one.
    """

    name: str
    malignant: bool
    share: float
    percent: str
    with_patient: str = ""


@dataclass(frozen=True, slots=True)
class FramedSquare:
    """The part of the photograph that was analysed, in fractions of its width and height from the upper left."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class ReportContent:
    """A report in the order in which it is read; empty strings and tuples, and None, are left out.

    Of a photograph that was not accepted there are neither figures nor classes.
    """

    clinic: str
    address: tuple[str, ...]
    title: str
    purpose: str
    date: str
    analysis_id: str
    patient: str
    facts: tuple[Fact, ...]
    warning: str
    cautions: tuple[Caution, ...]
    malignancy: str
    malignancy_meaning: str
    threshold: str
    most_likely: str
    certainty: str
    stability: Remark | None
    referral: Referral | None
    second: SecondReading | None
    frame: FramedSquare
    photograph_caption: str
    heatmap_caption: str
    classes: tuple[ClassShare, ...]
    note: tuple[str, ...]
    classifier: str
    measured_on: str
    figures: tuple[Fact, ...]
    ground: tuple[Remark, ...]
    limits: tuple[str, ...]
    disclaimer: str


def report_content(
    analysis: Analysis, *, clinic: Clinic, card: Card | None, labels: Sequence[Label], prevalence: float | None = None
) -> ReportContent:
    """Put an analysis into words; a card of another version than the one that answered is not used.

    `prevalence` is the share of malignant lesions among those photographed at the clinic, None if it isn't known.
    """
    if card is not None and (card.name, card.version) != (analysis.model_name, analysis.model_version):
        card = None
    ranked = _ranked(analysis, labels)
    label = next(label for label in labels if label.code == analysis.label)
    placed = band(analysis.malignancy, card.operating_points if card else {}, accepted=analysis.accepted)
    answered, (measured_on, figures) = analysis.accepted, measurement(card)
    second = second_reading(analysis, card)
    return ReportContent(
        clinic=one_line(clinic.name),
        address=clinic.address,
        title=TITLE,
        purpose=PURPOSE,
        date=moment(analysis.created_at),
        analysis_id=analysis.public_id,
        patient=one_line(required(analysis.patient_name)),
        facts=_facts(analysis),
        warning=_warning(analysis),
        cautions=cautions(analysis.reasons),
        malignancy=percent(analysis.malignancy) if answered else "",
        malignancy_meaning=_malignancy_meaning(labels) if answered else "",
        threshold=_threshold(placed, accepted=answered),
        most_likely=label.name if answered else NO_ANSWER,
        certainty=certainty(ranked, accepted=answered) + ("" if answered else f" {LEFT_OUT}"),
        stability=stability(analysis),
        referral=referral(analysis, card, prevalence),
        second=second,
        frame=_frame(analysis),
        photograph_caption=f"The photograph, {analysis.width} by {analysis.height} pixels. The square was analysed.",
        heatmap_caption=_heatmap_caption(label, accepted=answered),
        classes=_classes(ranked, second) if answered else (),
        note=note_lines(analysis.note or ""),
        classifier=f"{card.title if card else analysis.model_name}, version {analysis.model_version}",
        measured_on=measured_on,
        figures=figures,
        ground=_ground(analysis, card),
        limits=_limits(card, labels),
        disclaimer=DISCLAIMER,
    )


def _ranked(analysis: Analysis, labels: Sequence[Label]) -> list[tuple[Label, float]]:
    shares = [(label, analysis.probabilities[label.code]) for label in labels]
    return sorted(shares, key=lambda pair: -pair[1])


def _facts(analysis: Analysis) -> tuple[Fact, ...]:
    age = NOT_GIVEN if analysis.age is None else f"{analysis.age}{SPACE}{'year' if analysis.age == 1 else 'years'}"
    return (
        Fact("Age", age),
        Fact("Sex", one_line(analysis.sex or "").capitalize() or NOT_GIVEN),
        Fact("Body site", one_line(analysis.body_site or "").capitalize() or NOT_GIVEN),
    )


def _warning(analysis: Analysis) -> str:
    if not analysis.accepted:
        return NOT_ACCEPTED
    return MIND_QUALITY if analysis.reasons else ""


def _malignancy_meaning(labels: Sequence[Label]) -> str:
    names = [label.name[:1].lower() + label.name[1:] for label in labels if label.malignant]
    if len(names) == 1:
        return f"The probability of the class “{names[0]}”."
    return f"The probabilities of {', '.join(names[:-1])} and {names[-1]} together."


def _threshold(placed: Band | None, *, accepted: bool) -> str:
    if placed is None:
        return ""
    return f"{placed.name}. {placed.meaning}" if accepted else ALARM


def _heatmap_caption(label: Label, *, accepted: bool) -> str:
    if not accepted:
        return "The square with its heat map: where the classifier looked. It means nothing for the lesion."
    return (
        f"The square with its heat map: the lighter a place, the more it spoke for “{label.name}”. "
        "A coarse map, not an outline of the lesion."
    )


def _classes(ranked: Sequence[tuple[Label, float]], second: SecondReading | None) -> tuple[ClassShare, ...]:
    weighed = {} if second is None else {code: percent(share) for code, share in second.shares.items()}
    return tuple(
        ClassShare(label.name, label.malignant, share, percent(share), weighed.get(label.code, ""))
        for label, share in ranked
    )


def _ground(analysis: Analysis, card: Card | None) -> tuple[Remark, ...]:
    known = ground(analysis, card)
    return () if known is None else (*known.lesions, Remark(known.never, caution=True))


def _frame(analysis: Analysis) -> FramedSquare:
    return FramedSquare(
        left=analysis.frame_left / analysis.width,
        top=analysis.frame_top / analysis.height,
        right=min(1.0, (analysis.frame_left + analysis.frame_side) / analysis.width),
        bottom=min(1.0, (analysis.frame_top + analysis.frame_side) / analysis.height),
    )


def _limits(card: Card | None, labels: Sequence[Label]) -> tuple[str, ...]:
    known = f"The classifier knows {COUNTS[len(labels)]} classes and no other: whatever it is shown, it names one."
    return known, *(one_line(limit) for limit in (card.limits if card else ()))
