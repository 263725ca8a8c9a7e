"""What drawings are painted with: fields of noise, and stains that let the skin shine through."""

from __future__ import annotations

import random

from PIL import Image, ImageChops

Colour = tuple[int, int, int]

SIZE = (600, 450)
MIDDLE = 128  # of a field of noise
SPREAD = 0.68  # of what is thrown, so that the hills stand some 50 levels high


def field(dice: random.Random, cell: int) -> Image.Image:
    """Return smooth noise around MIDDLE, its hills some `cell` pixels wide."""
    small = (SIZE[0] // cell + 3, SIZE[1] // cell + 3)
    levels = dice.randbytes(small[0] * small[1])
    return contrast(Image.frombytes("L", small, levels), SPREAD).resize(SIZE, Image.Resampling.BICUBIC)


def uneven(picture: Image.Image, field: Image.Image, strength: float) -> Image.Image:
    """Make a picture lighter and darker by a field of noise, times `strength`."""
    return added(picture, Image.merge("RGB", (field, field, field)), strength)


def added(picture: Image.Image, noise: Image.Image, strength: float) -> Image.Image:
    """Add noise around MIDDLE, times `strength`."""
    return ImageChops.add(picture, noise.point(lambda level: MIDDLE + (level - MIDDLE) * strength), 1, -MIDDLE)


def contrast(field: Image.Image, factor: float) -> Image.Image:
    """Widen the range of a field around its middle."""
    return field.point(lambda level: MIDDLE + (level - MIDDLE) * factor)


def scaled(mask: Image.Image, share: float) -> Image.Image:
    """Return a mask with a share of its strength."""
    return mask.point(lambda level: level * share)


def stained(picture: Image.Image, colour: Colour, mask: Image.Image) -> Image.Image:
    """Multiply the picture with a colour where the mask says."""
    return Image.composite(ImageChops.multiply(picture, Image.new("RGB", SIZE, colour)), picture, mask)


def over(inner: Colour, outer: Colour) -> Colour:
    """Return what `outer` has to be multiplied with to become `inner`."""
    red, green, blue = (min(255, 255 * a // b) for a, b in zip(inner, outer, strict=True))
    return red, green, blue


def towards(colour: Colour, strength: float) -> Colour:
    """Return a colour that stains with some of the strength."""
    red, green, blue = (round(255 - (255 - level) * (1 - strength)) for level in colour)
    return red, green, blue
