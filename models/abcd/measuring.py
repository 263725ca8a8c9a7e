"""Everything that is measured of a lesion, from its outline in a square and the square's pixels."""

from __future__ import annotations

import numpy as np

from models.abcd import colour, shape
from models.abcd.contour import Floats
from models.outline import Measures

MARGIN = 3  # places either side of the edge that are neither lesion nor skin, for the edge is never exact
FEWEST = 30  # places without hair that colours are read from; with fewer, hair is counted as well


def measure(polygon: Floats, pixels: colour.Pixels, unit: float = 1.0) -> Measures:
    """Measure a lesion with a polygon (n, 2), in places of a square (px, px, 3); `unit` is the length of a place.

    Area and diameter are in units; everything else has none.
    """
    lab = colour.to_lab(pixels)
    lesion = shape.filled(polygon, *pixels.shape[:2])
    hair = colour.hairs(lab[..., 0])
    kept = lesion & ~hair if (lesion & ~hair).sum() >= FEWEST else lesion
    around = lesion
    for _ in range(MARGIN):
        around = colour.grown(around)
    skin = lab[~around & ~hair]
    return Measures(
        area=shape.area(polygon) * unit**2,
        diameter=shape.diameter(polygon) * unit,
        asymmetry=shape.asymmetry(polygon),
        irregularity=shape.irregularity(polygon),
        notching=shape.notching(polygon),
        colour_spread=colour.spread(lab[kept]),
        colours=colour.present(lab[kept], skin),
        hair=float(np.mean(hair[lesion])) if lesion.any() else 0.0,
    )
