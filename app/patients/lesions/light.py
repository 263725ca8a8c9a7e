"""Whether two photographs were taken in another light, told by the skin around the lesion."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw, ImageStat

from app.results.outlines.records import Measured
from app.results.tables import Analysis
from app.storage import Storage

Colour = tuple[float, float, float]  # red, green, blue, from 0 to 255

# Nine in ten of 582 pairs of HAM10000 photographs of one lesion differ less, as quotients of larger and smaller.
BRIGHTER = 1.19
TINTED = 1.11
MARGIN = 9  # pixels of the thumbnail along the outline that are neither lesion nor skin
LEAST_SKIN = 0.1  # of the thumbnail: less tells little
LUMINANCE = (0.2126, 0.7152, 0.0722)  # of red, green and blue (ITU-R BT.709)


def skin_colour(storage: Storage, analysis: Analysis, measured: Measured) -> Colour | None:
    """Return the mean colour of the framed square outside of the lesion's outline, read from the thumbnail.

    None without an outline or a thumbnail, or where the lesion leaves too little skin.
    """
    if measured.outline is None or not measured.outline.polygon:
        return None
    try:
        with Image.open(io.BytesIO(storage.get(analysis.thumbnail_key)), formats=("JPEG",)) as file:
            square = file.convert("RGB")
    except OSError:
        return None
    skin = Image.new("L", square.size, 255)
    points = [_in_square(x, y, analysis, square.size) for x, y in measured.outline.polygon]
    ImageDraw.Draw(skin).polygon(points, fill=0, outline=0, width=MARGIN)
    if ImageStat.Stat(skin).mean[0] < 255 * LEAST_SKIN:
        return None
    red, green, blue = ImageStat.Stat(square, skin).mean
    return red, green, blue


def other_light(then: Colour | None, now: Colour | None) -> str:
    """Say if the skin is much brighter or of another tint in one of two photographs; nothing if that isn't known."""
    if then is None or now is None or min(*then, *now) < 1:
        return ""
    found = []
    if _quotient(_brightness(then), _brightness(now)) > BRIGHTER:
        found.append("brighter" if _brightness(now) > _brightness(then) else "darker")
    if any(_quotient(then[i] / then[1], now[i] / now[1]) > TINTED for i in (0, 2)):
        found.append("of another tint")
    if not found:
        return ""
    return (
        f"The skin around the lesion is {' and '.join(found)} in the later photograph: light or white balance differ, "
        "and so may all colours."
    )


def _in_square(x: float, y: float, analysis: Analysis, size: tuple[int, int]) -> tuple[float, float]:
    """Take a point from fractions of the photograph to pixels of the thumbnail of its framed square."""
    side = analysis.frame_side
    across, down = x * analysis.width - analysis.frame_left, y * analysis.height - analysis.frame_top
    return across / side * size[0], down / side * size[1]


def _brightness(colour: Colour) -> float:
    return sum(share * level for share, level in zip(LUMINANCE, colour, strict=True))


def _quotient(one: float, other: float) -> float:
    return max(one / other, other / one)
