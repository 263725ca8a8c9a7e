"""How far an answer can be trusted: whether it holds in other views, and how many such patients were measured."""

from __future__ import annotations

from dataclasses import dataclass

from app.inference import NEVER_MEASURED, Card, KnownGround, known_ground
from app.results.tables import Analysis

VIEWS = "mirrored, turned, in slightly different light"
UNSTABLE = 2  # changed views from which an answer is cautioned; see docs/decisions/0009
# With 20 lesions, the 95 % interval of an accuracy of 85 % spans about 32 percentage points (normal approximation):
# a figure from fewer says little about such patients.
FEW = 20
UNRECORDED = "Of age, sex and body site of these lesions, not everything that was given here is on record."


@dataclass(frozen=True, slots=True)
class Remark:
    """A sentence, and whether it is a reason for caution."""

    text: str
    caution: bool = False


@dataclass(frozen=True, slots=True)
class Ground:
    """On how many test lesions the classifier was measured, in sentences, and what it was never measured on."""

    lesions: tuple[Remark, ...]
    never: str


def stability(analysis: Analysis) -> Remark | None:
    """Say in how many views the answer changed; None where none was looked at, or where there is no answer."""
    if not analysis.views or not analysis.accepted:
        return None
    changed = analysis.views_changed
    times = f"{changed} of {analysis.views}" if changed else f"none of {analysis.views}"
    sentence = f"The answer changed in {times} views ({VIEWS})."
    if changed < UNSTABLE:
        return Remark(sentence)
    return Remark(f"{sentence} It hangs on details of the photograph: do not rely on the class alone.", caution=True)


def ground(analysis: Analysis, card: Card | None) -> Ground | None:
    """Say on how many test lesions like this patient's the classifier was measured; None where it is not on the card.

    Nothing is said of a photograph that was not accepted: there is no answer that could be relied on.
    """
    if card is None or not analysis.accepted:
        return None
    known = known_ground(card, analysis.age, analysis.sex, analysis.body_site)
    if known is None:
        return None
    return Ground(_lesions(known, analysis), f"Never measured: {', '.join(NEVER_MEASURED)}.")


def _lesions(known: KnownGround, analysis: Analysis) -> tuple[Remark, ...]:
    given = (analysis.age, analysis.sex, analysis.body_site)
    groups = (
        (known.age, f"of patients aged {known.age_band}"),
        (known.sex, f"of {analysis.sex} patients"),
        (known.site, f"of the body site “{analysis.body_site}”"),
    )
    counted = [_remark(count, words) for count, words in groups if count is not None]
    remarks = [Remark(f"The classifier was measured on {_count(known.lesions)}."), *counted]
    if known.together is not None and len(counted) > 1:
        remarks.append(_remark(known.together, "of all of these together"))
    if len(counted) < sum(value is not None for value in given):
        remarks.append(Remark(UNRECORDED, caution=True))
    return tuple(remarks)


def _remark(count: int, words: str) -> Remark:
    if count == 0:
        return Remark(f"None was {words}: nothing is known of how it does there.", caution=True)
    were = "was" if count == 1 else "were"
    if count < FEW:
        return Remark(f"Only {count:,} {were} {words}: too few to tell how it does there.", caution=True)
    return Remark(f"{count:,} {were} {words}.")


def _count(lesions: int) -> str:
    return f"{lesions:,} test {'lesion' if lesions == 1 else 'lesions'}"
