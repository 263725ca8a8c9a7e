"""What has measurably changed between two photographs of one lesion, and what can't be told, and why.

A difference is called more than noise only if it exceeds what photographs of one unchanged lesion differ by.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import log1p

from app.inference import Noise
from app.patients.lesions.light import Colour, other_light
from app.results.outlines.measures import MEASURES, Measure, colours_of
from app.results.outlines.presentation import why_not
from app.results.outlines.records import Measured
from app.results.outlines.scales import reading_error
from app.results.outlines.wording import figure
from app.results.tables import Analysis
from app.results.wording import SPACE

SAME_FILE = "Both are the same picture: there is no change to be measured."
VERSIONS = (
    "The two outlines were drawn by different versions of the network and can't be compared. The older one will be "
    "drawn again."
)
UNKNOWN = "Not known"
NO_SCALE = "needs a scale in both photographs."
HAIRY = 0.1  # share of the lesion under hair from which it is said
UNJUDGED = "Not judged: how far repeated photographs differ was not measured."
REFUSED = "Not judged: the {which} photograph was not accepted."
CAUTION = "Not judged: there is a caution about the {which} photograph."
COLOURS = "Not judged: light and camera change them."
WITHIN = "Within the noise: photographs of an unchanged lesion differ as much."
WITHIN_COPIES = "Within the noise: copies of one photograph, turned or zoomed, differ as much."
BEYOND = "Beyond the noise: 95 in 100 pairs of photographs of an unchanged lesion differ less."
BEYOND_COPIES = (
    "Beyond the least noise: 95 in 100 copies of a photograph, turned or zoomed, differ less. The camera's angle, "
    "distance and pressure add to it."
)
LIGHT = " Light and camera change colours, too."


@dataclass(frozen=True, slots=True)
class Taken:
    """One photograph with what was measured of it, and the colour of the skin around the lesion, if it is known."""

    analysis: Analysis
    measured: Measured
    skin: Colour | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One measure then and now in words; `said` tells what the difference means, `beyond` whether it exceeds noise.

    `beyond` is None where that can't be told.
    """

    name: str
    then: str
    now: str
    difference: str
    said: str
    beyond: bool | None


@dataclass(frozen=True, slots=True)
class Change:
    """Two photographs, what was compared of them, in `rows`, and sentences on what could not be, and on what counts."""

    then: Taken
    now: Taken
    rows: tuple[Row, ...]
    notes: tuple[str, ...]

    @property
    def beyond(self) -> int:
        """How many differences exceed the noise."""
        return sum(row.beyond is True for row in self.rows)

    @property
    def judged(self) -> bool:
        """Whether any difference could be held against the noise."""
        return any(row.beyond is not None for row in self.rows)


def change_between(then: Taken, now: Taken, noise: Mapping[str, Noise]) -> Change:
    """Compare two photographs, the earlier one first; ValueError unless they are two tests of one lesion."""
    if then.analysis.id == now.analysis.id or None in (ids := {then.analysis.lesion_id, now.analysis.lesion_id}):
        raise ValueError("change is measured between two photographs")
    if len(ids) > 1:
        raise ValueError("change is measured between photographs of one lesion")
    if hindrances := _hindrances(then, now):
        return Change(then, now, (), hindrances)
    rows = tuple(_row(measure, then, now, noise.get(measure.code)) for measure in MEASURES)
    light = other_light(then.skin, now.skin)
    return Change(
        then, now, (*rows, _colours(then, now)), (*_scales(then, now), *_hair(then, now), *filter(None, [light]))
    )


def _hindrances(then: Taken, now: Taken) -> tuple[str, ...]:
    """Say why nothing can be compared; nothing if something can."""
    if then.analysis.photograph_sha256 == now.analysis.photograph_sha256:
        return (SAME_FILE,)
    missing = tuple(
        f"The {which} photograph: {why}"
        for which, taken in (("earlier", then), ("later", now))
        if (why := why_not(taken.measured))
    )
    if not missing and then.measured.version != now.measured.version:
        return (VERSIONS,)
    return missing


def _row(measure: Measure, then: Taken, now: Taken, noise: Noise | None) -> Row:
    before, after = measure.value(then.measured), measure.value(now.measured)
    first, second = (UNKNOWN if value is None else measure.write(value) for value in (before, after))
    if before is None or after is None:
        return Row(measure.name, first, second, UNKNOWN, f"{measure.name} {NO_SCALE}", None)
    difference = _difference(measure, before, after)
    if poor := _poor("earlier", then) or _poor("later", now):
        return Row(measure.name, first, second, difference, poor, None)
    beyond = None if noise is None else _allowing(measure, noise, then, now).is_exceeded(before, after)
    said = _said(noise, beyond) + (LIGHT if measure.coloured else "")
    return Row(measure.name, first, second, difference, said, beyond)


def _poor(which: str, taken: Taken) -> str | None:
    """Say why a photograph is too poor for a difference to be a change; None if it isn't."""
    if not taken.analysis.accepted:
        return REFUSED.format(which=which)
    return CAUTION.format(which=which) if taken.analysis.reasons else None


def _allowing(measure: Measure, noise: Noise, then: Taken, now: Taken) -> Noise:
    """Widen a limit by how exactly the two scales can have been drawn; an area counts their error twice."""
    if not measure.sized:
        return noise
    errors = sum(
        log1p(reading_error(taken.analysis, taken.measured.scale)) for taken in (then, now) if taken.measured.scale
    )
    return replace(noise, limit=noise.limit + errors * (2 if measure.code == "area" else 1))


def _difference(measure: Measure, before: float, after: float) -> str:
    sign = "+" if after >= before else "−"  # noqa: RUF001 - a minus, as long as the plus
    written = f"{sign}{measure.write(abs(after - before))}"
    return f"{written} ({sign}{100 * abs(after / before - 1):.0f}{SPACE}%)" if measure.sized and before else written


def _said(noise: Noise | None, beyond: bool | None) -> str:
    if noise is None or beyond is None:
        return UNJUDGED
    if noise.real:
        return BEYOND if beyond else WITHIN
    return BEYOND_COPIES if beyond else WITHIN_COPIES


def _colours(then: Taken, now: Taken) -> Row:
    before, after = colours_of(then.measured), colours_of(now.measured)
    new, gone = [colour for colour in after if colour not in before], [c for c in before if c not in after]
    differing = "; ".join(
        f"{word}: {', '.join(colours)}" for word, colours in (("new", new), ("no longer", gone)) if colours
    )
    none = "none of them"
    return Row(
        "Colours of the ABCD rule",
        ", ".join(before) or none,
        ", ".join(after) or none,
        differing or "the same",
        COLOURS,
        None,
    )


def _scales(then: Taken, now: Taken) -> tuple[str, ...]:
    before, after = then.measured.px_per_mm, now.measured.px_per_mm
    if before is None or after is None:
        return ()
    sizes = f"{figure(before)} pixels in the earlier photograph and {figure(after)} in the later one"
    return (f"By the drawn scales, a millimetre has {sizes}.",)


def _hair(then: Taken, now: Taken) -> tuple[str, ...]:
    covered = [(which, _covered(taken)) for which, taken in (("earlier", then), ("later", now))]
    return tuple(
        f"Hair covers about {100 * share:.0f}{SPACE}% of the lesion in the {which} photograph; "
        "colours were read beside it."
        for which, share in covered
        if share >= HAIRY
    )


def _covered(taken: Taken) -> float:
    return 0.0 if taken.measured.outline is None else taken.measured.outline.hair or 0.0
