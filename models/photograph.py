"""A photograph as Pillow reads it, made upright sRGB of a bounded size: before anything else looks at it."""

from __future__ import annotations

import io
import struct
from types import MappingProxyType

from PIL import ExifTags, Image, ImageCms

LONGEST_SIDE = 2048  # pixels; what is larger is reduced, for no network looks at more than a few hundred
SHORTEST_DRAFT = 1920  # pixels of the longer side that are enough
WHITE = (255, 255, 255)
SIXTEEN_BIT_MODES = ("I", "I;16", "I;16L", "I;16B", "I;16N")
PROFILED_MODES = ("RGB", "L", "CMYK")  # the modes that a colour profile can describe
TURNS = MappingProxyType(  # EXIF orientation -> what sets the picture upright
    {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
)


def upright_rgb(image: Image.Image) -> Image.Image:
    """Return an image upright, in 8-bit sRGB, its longer side at most 2,048 px, without metadata; idempotent.

    EXIF orientation and colour profile are applied, or passed over where damaged; transparency is laid on
    white, 16-bit grey is scaled to 8 bits. The given image is decoded, a large JPEG in a smaller size.
    """
    _draft(image)
    image.load()
    turn, profile = _turn(image), image.info.get("icc_profile")
    image = _srgb(_bounded(_eight_bit(image)), profile)  # another image in any case
    image = image if turn is None else image.transpose(turn)
    image.info = {}  # what has been applied must not be applied again
    return image


def _draft(image: Image.Image) -> None:
    """Have a large JPEG decoded in half its size, or a quarter, while that is about what is kept: a tenth of the work.

    What its decoder leaves out are frequencies that the smaller picture couldn't show.
    """
    longest = max(image.size)
    if longest >= 2 * SHORTEST_DRAFT:
        image.draft(None, (SHORTEST_DRAFT * image.width // longest, SHORTEST_DRAFT * image.height // longest))


def _turn(image: Image.Image) -> Image.Transpose | None:
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    except (SyntaxError, ValueError, TypeError, LookupError, OSError, struct.error):  # damaged EXIF
        return None
    return TURNS.get(orientation)


def _eight_bit(image: Image.Image) -> Image.Image:
    if image.mode in SIXTEEN_BIT_MODES:
        image = image.convert("I").point(lambda level: level / 256).convert("L")
        image.info.pop("transparency", None)  # a 16-bit level: it means nothing any more
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        ground = Image.new("RGBA", layer.size, WHITE)
        return Image.alpha_composite(ground, layer).convert("RGB")
    return image if image.mode in PROFILED_MODES else image.convert("RGB")


def _bounded(image: Image.Image) -> Image.Image:
    longest = max(image.size)
    if longest <= LONGEST_SIDE:
        return image
    size = tuple(max(1, round(side * LONGEST_SIDE / longest)) for side in image.size)
    return image.resize((size[0], size[1]), Image.Resampling.BICUBIC)


def _srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    converted = None
    if profile:
        try:
            source, target = ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
        except (ImageCms.PyCMSError, OSError):  # damaged, or made for another kind of picture
            converted = None
    return image.convert("RGB") if converted is None else converted
