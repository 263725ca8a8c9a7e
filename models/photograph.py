"""A photograph as Pillow reads it, made upright RGB of a bounded size: before anything else looks at it."""

from __future__ import annotations

from PIL import Image, ImageOps

LONGEST_SIDE = 2048  # pixels; what is larger is reduced, for no network looks at more than a few hundred
WHITE = (255, 255, 255)
SIXTEEN_BIT_MODES = ("I", "I;16", "I;16L", "I;16B", "I;16N")


def upright_rgb(image: Image.Image) -> Image.Image:
    """Return a decoded image upright, in 8-bit RGB, its longer side at most 2,048 px; idempotent.

    EXIF orientation is applied, transparency is laid on white, 16-bit grey is scaled to 8 bits.
    """
    image = ImageOps.exif_transpose(image)
    return _bounded(_rgb(image))


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode in SIXTEEN_BIT_MODES:
        image = image.convert("I").point(lambda level: level / 256).convert("L")
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        ground = Image.new("RGBA", layer.size, WHITE)
        image = Image.alpha_composite(ground, layer)
    return image if image.mode == "RGB" else image.convert("RGB")


def _bounded(image: Image.Image) -> Image.Image:
    longest = max(image.size)
    if longest <= LONGEST_SIDE:
        return image
    size = tuple(max(1, round(side * LONGEST_SIDE / longest)) for side in image.size)
    return image.resize((size[0], size[1]), Image.Resampling.LANCZOS, reducing_gap=3.0)
