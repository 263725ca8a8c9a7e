"""Two photographs of one lesion beside each other: which, how far apart, and what makes them hard to compare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.inference import REASONS
from app.results.tables import Analysis
from app.results.wording import SPACE, enumerated

ALIKE = 0.1  # relative difference up to which the square's share of the picture is said to be alike
DAYS_OF_MONTH, DAYS_OF_YEAR = 30.44, 365.25
LONG, LONGER = 60, 730  # days from which the distance is given in months, and in years, as well
CAMERA = "so differences in size, sharpness or colour may come from the camera."
UNKNOWN = "Cameras and distances are not known: what a file says of them is removed."


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two different photographs of one lesion, the earlier one first.

    `apart` says how much later the second was uploaded. `differences` are sentences on what
    differs besides the lesion. `lost` says that other photographs were asked for, which are not there.
    """

    then: Analysis
    now: Analysis
    apart: str
    differences: tuple[str, ...]
    lost: bool


def compared(tests: Sequence[Analysis], then: str | None, now: str | None) -> Comparison | None:
    """Return the comparison of two of a lesion's tests by their public ids, else of the first and the newest.

    `tests` are in the order of time, and so are the two, whichever was named first. None if there are fewer than two.
    """
    if len(tests) < 2:  # noqa: PLR2004 - a comparison is of two
        return None
    asked = {then or tests[0].public_id, now or tests[-1].public_id}
    found = [analysis for analysis in tests if analysis.public_id in asked]
    lost = len(found) != 2  # noqa: PLR2004 - the same
    first, second = (tests[0], tests[-1]) if lost else found
    return Comparison(first, second, _apart(first, second), _differences(first, second), lost)


def _apart(then: Analysis, now: Analysis) -> str:
    days = (now.created_at.date() - then.created_at.date()).days
    if days == 0:
        return "on the same day"
    words = "1 day later" if days == 1 else f"{days:,} days later"
    if days >= LONGER:
        return f"{words} (about {days / DAYS_OF_YEAR:.0f} years)"
    return f"{words} (about {days / DAYS_OF_MONTH:.0f} months)" if days >= LONG else words


def _differences(then: Analysis, now: Analysis) -> tuple[str, ...]:
    differing = [words for words in (_pixels(then, now), _framing(then, now)) if words]
    first = f"The photographs differ in {enumerated(differing)}, {CAMERA}" if differing else ""
    return tuple(filter(None, (first, UNKNOWN, *_quality("earlier", then), *_quality("later", now))))


def _pixels(then: Analysis, now: Analysis) -> str:
    sizes = [f"{analysis.width} × {analysis.height}" for analysis in (then, now)]  # noqa: RUF001 - as one writes it
    return "" if sizes[0] == sizes[1] else f"their pixels ({sizes[0]}, then {sizes[1]})"


def _framing(then: Analysis, now: Analysis) -> str:
    """Say how much of the picture the squares take up, which tells of the field of view around the lesion."""
    first, second = (analysis.frame_side / min(analysis.width, analysis.height) for analysis in (then, now))
    if abs(first - second) <= ALIKE * max(first, second):
        return ""
    return f"how much of the shorter side the square takes up ({_share(first)}, then {_share(second)})"


def _share(part: float) -> str:
    return f"{100 * part:.0f}{SPACE}%"


def _quality(which: str, analysis: Analysis) -> tuple[str, ...]:
    return tuple(f"The {which} photograph: {REASONS.get(code, code)}" for code in analysis.reasons)
