"""Refer or not: what an analysis is at each sensitivity setting, and what such a call was worth in the test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from app.inference import Card, Interval, predictive_values
from app.results.measurement import held_out_figures, measured_on
from app.results.tables import Analysis
from app.results.wording import SPACE, percent

# operating point of a card -> how it is called, the more careful first
SETTINGS = MappingProxyType(
    {"sensitivity_95": f"95{SPACE}%-sensitivity setting", "sensitivity_90": f"90{SPACE}%-sensitivity setting"}
)
UNKNOWN = "not measured"


@dataclass(frozen=True, slots=True)
class Setting:
    """One operating point: whether the lesion is at or above its threshold, and the worth of that call in words."""

    name: str
    threshold: str
    refer: bool
    sensitivity: str
    specificity: str
    ppv: str
    npv: str

    @property
    def call(self) -> str:
        """What the lesion is at this setting."""
        return "refer" if self.refer else "not referred"

    @property
    def sentence(self) -> str:
        """The call as a sentence without its full stop."""
        return f"At the {self.name} this is: {self.call}"


@dataclass(frozen=True, slots=True)
class Referral:
    """The settings of a classifier; `basis` says what was measured on, `prevalence` for whom PPV and NPV hold."""

    settings: tuple[Setting, ...]
    basis: str
    prevalence: str


def referral(analysis: Analysis, card: Card | None, prevalence: float | None) -> Referral | None:
    """Compare an analysis with the sensitivity settings of its classifier's card.

    `prevalence` is the share of malignant lesions among those photographed at the clinic; without one, that of the
    test photographs is used. None where the card has no such setting, and of a photograph that was not accepted:
    there is no answer to be compared.
    """
    if card is None or not analysis.accepted:
        return None
    figures = held_out_figures(card)
    share = _share_of_malignant(card, figures) if prevalence is None else prevalence
    settings = tuple(
        _setting(name, card.operating_points[point], analysis.malignancy, _measured(figures, point), share)
        for point, name in SETTINGS.items()
        if point in card.operating_points
    )
    return Referral(settings, measured_on(card), _for_whom(share, own=prevalence is not None)) if settings else None


def _setting(
    name: str, threshold: float, malignancy: float, measured: Mapping[str, Any], prevalence: float | None
) -> Setting:
    sensitivity, specificity = (_interval(measured.get(figure)) for figure in ("sensitivity", "specificity"))
    ppv = npv = None
    if sensitivity is not None and specificity is not None and prevalence is not None:
        ppv, npv = predictive_values(sensitivity.value, specificity.value, prevalence)
    return Setting(
        name=name,
        threshold=percent(threshold),
        refer=malignancy >= threshold,  # as it was measured: at the threshold counts as malignant
        sensitivity=_with_interval(sensitivity),
        specificity=_with_interval(specificity),
        ppv=UNKNOWN if ppv is None else percent(ppv),
        npv=UNKNOWN if npv is None else percent(npv),
    )


def _measured(figures: Mapping[str, Any], point: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = figures.get("operating_points", {}).get(point, {})
    return found


def _interval(figure: Mapping[str, float] | None) -> Interval | None:
    return None if figure is None else Interval(figure["value"], figure["low"], figure["high"])


def _with_interval(at: Interval | None) -> str:
    if at is None:
        return UNKNOWN
    return f"{percent(at.value)} ({percent(at.low)}{SPACE}to{SPACE}{percent(at.high)})"  # one line breaks here


def _share_of_malignant(card: Card, figures: Mapping[str, Any]) -> float | None:
    """Return the share of malignant photographs among those that were measured; None if it is not on the card."""
    counts = {code: int(found["n"]) for code, found in figures.get("per_class", {}).items()}
    if set(counts) != set(card.task.codes) or not sum(counts.values()):
        return None
    return sum(counts[label.code] for label in card.task.labels if label.malignant) / sum(counts.values())


def _for_whom(share: float | None, *, own: bool) -> str:
    if share is None:
        return ""
    if own:
        return f"PPV and NPV are for this clinic, where {percent(share)} of the lesions photographed are malignant."
    return (
        f"PPV and NPV are for a clinic where {percent(share)} of the lesions photographed are malignant, as in the "
        "test photographs. The administrator can set the share of this clinic (LENTIGO_PREVALENCE)."
    )
