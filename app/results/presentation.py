"""What the result page says about an analysis, put together from its row and its classifier's card."""

from __future__ import annotations

from dataclasses import dataclass

from app.inference import Card, Label, current_classifiers, task_of
from app.results import operating_points, reliability, wording
from app.results.operating_points import Referral
from app.results.reliability import Ground, Remark
from app.results.second_reading import SecondReading, invitation, second_reading
from app.results.tables import Analysis
from app.results.wording import Band, Caution


@dataclass(frozen=True, slots=True)
class Outcome:
    """One class and its probability; `with_patient` is the one with the patient's facts, None without such."""

    label: Label
    probability: float
    is_answer: bool
    with_patient: float | None


@dataclass(frozen=True, slots=True)
class Presentation:
    """An analysis in words and figures; `card` is None where the version that made it is not installed.

    `referral`, `second`, `stability` and `ground` are None where nothing is known of them, or where there is no answer.
    `invitation` says what could be weighed in had it been given, if anything.
    """

    answer: Label
    outcomes: tuple[Outcome, ...]
    certainty: str
    malignant_names: tuple[str, ...]
    band: Band | None
    alarm: str
    overlooked: str
    cautions: tuple[Caution, ...]
    referral: Referral | None
    second: SecondReading | None
    invitation: str
    stability: Remark | None
    ground: Ground | None
    card: Card | None
    accuracy: str | None


def labels_of(analysis: Analysis) -> tuple[Label, ...]:
    """Return the classes that an analysis tells apart, in the order of its task."""
    return task_of(analysis.model_name).labels


def label_of(analysis: Analysis) -> Label:
    """Return the class that was answered."""
    return next(label for label in labels_of(analysis) if label.code == analysis.label)


def card_of(analysis: Analysis) -> Card | None:
    """Return the card of the very version that made an analysis; None if it is not installed."""
    made_by = (analysis.model_name, analysis.model_version)
    cards = current_classifiers().cards()
    return next((card for card in cards if (card.name, card.version) == made_by), None)


def present(analysis: Analysis, card: Card | None, prevalence: float | None = None) -> Presentation:
    """Put an analysis into words; `card` is that of the version that made it.

    `prevalence` is the share of malignant lesions among those photographed at the clinic, None if it isn't known.
    """
    labels, answer, second = labels_of(analysis), label_of(analysis), second_reading(analysis, card)
    ranked = sorted(((label, analysis.probabilities[label.code]) for label in labels), key=lambda pair: -pair[1])
    points = {} if card is None else card.operating_points
    band = wording.band(analysis.malignancy, points, accepted=analysis.accepted)
    return Presentation(
        answer=answer,
        outcomes=tuple(_outcome(analysis, label, second) for label, _ in ranked),
        certainty=wording.certainty(ranked, accepted=analysis.accepted),
        malignant_names=tuple(wording.inline(label) for label in labels if label.malignant),
        band=band,
        alarm="" if analysis.accepted or band is None else wording.ALARM,
        overlooked=wording.OVERLOOKED if _overlooked(analysis, answer, band) else "",
        cautions=wording.cautions(analysis.reasons),
        referral=operating_points.referral(analysis, card, prevalence),
        second=second,
        invitation=invitation(analysis, card),
        stability=reliability.stability(analysis),
        ground=reliability.ground(analysis, card),
        card=card,
        accuracy=_accuracy(card),
    )


def _overlooked(analysis: Analysis, answer: Label, band: Band | None) -> bool:
    return analysis.accepted and band is not None and band.level != "low" and not answer.malignant


def _outcome(analysis: Analysis, label: Label, second: SecondReading | None) -> Outcome:
    return Outcome(
        label=label,
        probability=analysis.probabilities[label.code],
        is_answer=analysis.accepted and label.code == analysis.label,
        with_patient=None if second is None else second.shares[label.code],
    )


def _accuracy(card: Card | None) -> str | None:
    measured = None if card is None else card.held_out("accuracy")
    if measured is None:
        return None
    return (
        f"{wording.percent(measured.value)} "
        f"(95{wording.SPACE}% interval {wording.percent(measured.low)} to {wording.percent(measured.high)})"
    )
