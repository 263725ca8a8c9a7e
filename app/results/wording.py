"""The words for probabilities: what a clinician may read into them, and no more."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from app.inference import REASONS, Label

SPACE = "\N{NO-BREAK SPACE}"
LEAST_SHOWN, MOST_SHOWN = 0.01, 0.99  # beyond these a figure would claim more than a network can know
CLEAR = 0.9  # probability from which one class is said to be clearly favoured
FAVOURED = 0.6
CLOSE = 0.15  # two classes nearer than this are said to be nearly as likely

FACTS = MappingProxyType({"age": "age", "sex": "sex", "site": "body site"})  # of a patient, inside a sentence
COUNTS = MappingProxyType({2: "two", 7: "seven"})  # how many classes there are, in words
NO_ANSWER = (
    "The classifier has computed scores for this photograph, as it does for any picture, but they say nothing about "
    "the lesion. This is no all-clear either."
)
ALARM = "The malignant scores lie above the alert threshold all the same."
OVERLOOKED = "The most likely class is benign, but the malignant classes together are above the threshold."

RETAKE = {
    "blurred": "Steady the camera, focus on the lesion and take it again.",
    "dark": "Take it again with more light.",
    "overexposed": "Take it again with less light, or without the flash.",
    "off_centre": "Set the square around the lesion, or take it again with the lesion in the middle.",
    "low_contrast": "Clean the lens, look for haze or glare, and take it again.",
    "unfamiliar": "Check that it shows one lesion on skin, close up and inside the frame.",
}


@dataclass(frozen=True, slots=True)
class Caution:
    """One cause not to rely on an answer, and what can be done about it."""

    problem: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Band:
    """Where a malignancy lies among its classifier's operating points; `level` is low, raised or high."""

    level: str
    name: str
    meaning: str


def percent(probability: float) -> str:
    """Write a probability as whole percent, and never as 0 % or 100 %."""
    if probability < LEAST_SHOWN:
        return f"<{SPACE}1{SPACE}%"
    if probability > MOST_SHOWN:
        return f">{SPACE}99{SPACE}%"
    return f"{probability * 100:.0f}{SPACE}%"


def certainty(ranked: Sequence[tuple[Label, float]], *, accepted: bool = True) -> str:
    """Say how sure the network is; `ranked` has two classes or more, the most likely first.

    Nothing is said of an answer to a picture that was not accepted.
    """
    (first, top), (second, next_) = ranked[0], ranked[1]
    if not accepted:
        return NO_ANSWER
    if top - next_ < CLOSE:
        return (
            f"The classifier leans towards {inline(first)} ({percent(top)}), "
            f"but {inline(second)} is nearly as likely ({percent(next_)})."
        )
    if top >= CLEAR:
        return f"The classifier clearly favours {inline(first)} ({percent(top)}). It can still be wrong."
    if top >= FAVOURED:
        return (
            f"The classifier favours {inline(first)} ({percent(top)}); {inline(second)} comes next ({percent(next_)})."
        )
    return (
        f"The classifier leans towards {inline(first)} ({percent(top)}), but is not sure: "
        f"other classes, {inline(second)} before all ({percent(next_)}), remain possible."
    )


def cautions(reasons: Iterable[str]) -> tuple[Caution, ...]:
    """Put reason codes into words; a code from a later version is named as it is."""
    return tuple(
        Caution(
            REASONS.get(code, f"The classifier reports: {code}."),
            RETAKE.get(code, "Take it again if you can."),
        )
        for code in reasons
    )


def band(malignancy: float, operating_points: Mapping[str, float], *, accepted: bool = True) -> Band | None:
    """Place a malignancy between a card's operating points; None if the card has none that we can word.

    A picture that was not accepted must not reassure: it is never said to be below a threshold.
    """
    sensitive = operating_points.get("sensitivity_95")
    if sensitive is None:
        return None
    specific = max(operating_points.get("specificity_95", math.inf), sensitive)
    threshold = f"The alert threshold is {percent(sensitive)}, that of the 95{SPACE}%-sensitivity setting"
    if malignancy < sensitive:
        meaning = f"{threshold}: about one in twenty malignant lesions falls below it."
        return Band("low", "Below the alert threshold", meaning) if accepted else None
    if malignancy < specific:
        return Band("raised", "Above the alert threshold", f"{threshold}; many benign lesions exceed it too.")
    meaning = f"Among known photographs, about one benign lesion in twenty exceeded {percent(specific)}."
    return Band("high", "Far above the alert threshold", meaning)


def inline(label: Label) -> str:
    """Return the name of a class as it stands inside a sentence."""
    name = label.name[:1].lower() + label.name[1:]
    return f"a {name} lesion" if label.code in ("benign", "malignant") else name


def enumerated(words: Sequence[str]) -> str:
    """Join words as a sentence lists them: a, b and c."""
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))
