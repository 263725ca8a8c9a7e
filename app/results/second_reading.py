"""The second reading in words: what an answer becomes once the patient's age, sex and body site are weighed in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.inference import Card, Patient, counted_facts, task_of, weighed_facts
from app.results.tables import Analysis
from app.results.wording import FACTS, enumerated, percent

ALONE = "From the photograph alone"


@dataclass(frozen=True, slots=True)
class Reading:
    """The most likely class and the malignancy, and from what they were read."""

    source: str
    most_likely: str
    malignancy: str

    @property
    def figures(self) -> str:
        """What was read, as it stands behind the colon."""
        return f"{self.most_likely}, malignancy {self.malignancy}"


@dataclass(frozen=True, slots=True)
class SecondReading:
    """The answer beside what it becomes; `changes` has a sentence for each thing that differs.

    `shares` are the probabilities with the patient's facts, by class code.
    """

    title: str
    alone: Reading
    weighed: Reading
    changes: tuple[str, ...]
    explanation: str
    shares: Mapping[str, float]


def second_reading(analysis: Analysis, card: Card | None) -> SecondReading | None:
    """Put what the patient's facts change into words; `card` is that of the version that answered, if it is known.

    None where nothing was weighed in, and of a photograph that was not accepted: there is no answer to weigh.
    """
    shares = analysis.probabilities_with_patient
    if shares is None or not analysis.accepted:
        return None
    facts = _weighed(analysis, card)
    threshold = None if card is None else card.alert_threshold
    return SecondReading(
        title=f"With {enumerated([FACTS[fact] for fact in facts])}",
        alone=_reading(ALONE, analysis, analysis.probabilities),
        weighed=_reading(f"With {enumerated(list(facts.values()))}", analysis, shares),
        changes=(*_other_class(analysis, shares), *_other_side(analysis, shares, threshold)),
        explanation=_explanation([FACTS[fact] for fact in facts], has_threshold=threshold is not None),
        shares=shares,
    )


def invitation(analysis: Analysis, card: Card | None) -> str:
    """Say what could be weighed in had it been given; nothing where something was, or where there is no answer."""
    counted = () if card is None else counted_facts(card)
    if not counted or not analysis.accepted or any(_given(analysis)[fact] is not None for fact in counted):
        return ""
    words = enumerated([FACTS[fact] for fact in counted])
    return f"Giving {words} with a test adds a second reading beside that of the photograph alone."


def _given(analysis: Analysis) -> Mapping[str, object]:
    return {"age": analysis.age, "sex": analysis.sex, "site": analysis.body_site}


def _weighed(analysis: Analysis, card: Card | None) -> dict[str, str]:
    """Return the facts that were weighed in, in words; where the card doesn't tell, those that were given."""
    given = {fact: f"{FACTS[fact]} {value}" for fact, value in _given(analysis).items() if value is not None}
    if card is None:
        return given
    counted = weighed_facts(card, Patient(analysis.age, analysis.sex, analysis.body_site))
    return {fact: given[fact] for fact in counted} or given


def _reading(source: str, analysis: Analysis, shares: Mapping[str, float]) -> Reading:
    top = _top(analysis, shares)
    return Reading(source, f"{_name(analysis, top)} {percent(shares[top])}", percent(_malignancy(analysis, shares)))


def _other_class(analysis: Analysis, shares: Mapping[str, float]) -> tuple[str, ...]:
    top = _top(analysis, shares)
    if top == analysis.label:
        return ()
    return (f"The most likely class changes, from {_name(analysis, analysis.label)} to {_name(analysis, top)}.",)


def _other_side(analysis: Analysis, shares: Mapping[str, float], threshold: float | None) -> tuple[str, ...]:
    malignancy = _malignancy(analysis, shares)
    if threshold is None or (malignancy >= threshold) == (analysis.malignancy >= threshold):
        return ()
    if malignancy >= threshold:
        return (f"The malignancy rises above the alert threshold of {percent(threshold)}.",)
    return (f"The malignancy falls below the alert threshold of {percent(threshold)}: this is no all-clear.",)


def _explanation(names: Sequence[str], *, has_threshold: bool) -> str:
    settings = ", and the settings above are measured for the photograph alone" if has_threshold else ""
    return (
        f"The weight of {enumerated(names)} is learned from the diagnoses in the training data (HAM10000): patients "
        f"elsewhere differ{settings}."
    )


def _top(analysis: Analysis, shares: Mapping[str, float]) -> str:
    """Return the most likely class; of equals the first of the task, as the classifiers do."""
    return max(task_of(analysis.model_name).codes, key=lambda code: shares[code])


def _malignancy(analysis: Analysis, shares: Mapping[str, float]) -> float:
    return task_of(analysis.model_name).malignancy(shares)


def _name(analysis: Analysis, code: str) -> str:
    name = next(label.name for label in task_of(analysis.model_name).labels if label.code == code)
    return name[:1].lower() + name[1:]
