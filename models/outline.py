"""A lesion's outline and what is measured of it: plain values, free of NumPy, that can cross into any program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import log
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from models.prediction import Frame

if TYPE_CHECKING:
    from PIL import Image

Points = tuple[tuple[float, float], ...]

# why there is no outline, by code, and the sentence that a clinician reads
REFUSALS: Mapping[str, str] = MappingProxyType(
    {
        "nothing": "No lesion could be made out in the square.",
        "small": "What was made out is too small to be measured.",
        "beyond": "The lesion reaches beyond the square, so that its outline isn't known.",
        "pieces": "More than one lesion was made out, or one in pieces.",
        "unsure": "The edge of the lesion could not be made out with confidence.",
    }
)
COLOURS = ("white", "red", "light brown", "dark brown", "blue-grey", "black")  # of the ABCD rule


@dataclass(frozen=True, slots=True)
class Measures:
    """What is measured of a lesion; see `models.abcd` for formulae, sources, and what each is invariant to.

    `area` is in square pixels of the photograph, `diameter` in its pixels. `asymmetry` is in [0, 1], `irregularity`
    at least 1, `notching` in [0, 1); `colour_spread` is a distance in CIELAB, `colours` are some of `COLOURS`, and
    `hair` is the share of the lesion, in [0, 1], that was taken for hair and left out of its colours.
    """

    area: float
    diameter: float
    asymmetry: float
    irregularity: float
    notching: float
    colour_spread: float
    colours: tuple[str, ...]
    hair: float


@dataclass(frozen=True, slots=True)
class Outline:
    """Where a lesion ends, as drawn by a version of the network.

    `polygon` is closed, without its first point again at its end; each point a fraction of the photograph's width and
    of its height. `confidence` in [0, 1] is how far the network agrees with its own outline. Where an outline would
    not be believed, `refused` is a code of `REFUSALS`, the polygon is empty and `measures` is None.
    """

    version: str
    confidence: float
    polygon: Points = ()
    measures: Measures | None = None
    refused: str | None = None


@dataclass(frozen=True, slots=True)
class Noise:
    """How far a measure of one unchanged lesion differs between two photographs of it: less is no change.

    `limit` is what 95 % of differences lie below: of values, or with `relative` of their natural logarithms.
    `n` is the number of pairs of photographs. With `real` these were separate photographs of one lesion, otherwise a
    photograph and a copy of it that was turned, mirrored, zoomed or lightened, which is the least that a difference
    can be: other cameras, angles and pressure of the dermatoscope add to it.
    """

    measure: str
    limit: float
    relative: bool
    real: bool
    n: int

    def is_exceeded(self, before: float, after: float) -> bool:
        """Tell whether two values of a measure lie farther apart than they do without any change of the lesion."""
        difference = log(after / before) if self.relative else after - before
        return abs(difference) > self.limit


class Outliner(Protocol):
    """A network that draws outlines, ready to answer."""

    version: str

    def outline(self, photograph: Image.Image, frame: Frame | None = None) -> Outline:
        """Outline the lesion in the framed square of an upright RGB photograph; without a frame, the centred one."""
