"""Drawn dermoscopic photographs: skin with its grain, hairs, and a lesion of one of a few looks. No two are alike.

Nobody's skin is copied: every stroke comes from a seed. The same arguments give the same pixels.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from app.demo.painting import SIZE, Colour, added, contrast, field, over, scaled, stained, towards, uneven
from app.demo.strokes import dots, network, vessels, with_hairs

SKINS: Sequence[Colour] = (  # as a dermoscope shows Fitzpatrick's types I to VI
    (226, 178, 176),
    (218, 168, 160),
    (206, 154, 142),
    (194, 143, 127),
    (146, 100, 82),
    (112, 76, 62),
)


@dataclass(frozen=True, slots=True)
class Look:
    """How a kind of lesion is drawn.

    `light` and `dark` are multiplied with the skin, in 1/255. `ragged` is how far the border strays from an ellipse,
    `soft` how wide it fades, both as shares of the radius; `network`, `dots`, `patches` and `vessels` go from 0 to 1;
    `mottle` is how wide its darker parts are, in pixels.
    """

    light: Colour
    dark: Colour
    ragged: float
    soft: float
    network: float = 0.0
    dots: float = 0.0
    patches: float = 0.0
    vessels: float = 0.0
    mottle: int = 30


LOOKS = {
    "nevus": Look((196, 160, 140), (132, 92, 74), 0.05, 0.16, network=0.75, dots=0.25),
    "pale": Look((222, 190, 178), (176, 134, 116), 0.06, 0.3, network=0.35),
    "dark": Look((150, 112, 96), (84, 58, 50), 0.07, 0.1, network=0.6, dots=0.8),
    "melanoma": Look((168, 124, 112), (62, 44, 46), 0.2, 0.05, network=0.6, dots=0.9, patches=1.0, mottle=60),
    "keratosis": Look((206, 170, 140), (142, 104, 76), 0.1, 0.03, dots=0.7, patches=0.4, mottle=60),
    "basal": Look((238, 200, 196), (206, 150, 146), 0.12, 0.3, vessels=0.9, dots=0.3),
    "vascular": Look((200, 84, 96), (110, 16, 34), 0.06, 0.06, patches=0.3),
}


def draw(look: Look, skin: int, seed: int, *, growth: float = 1.0, take: int = 0, blurred: float = 0.0) -> Image.Image:
    """Draw a lesion on skin of Fitzpatrick's type `skin`, 1 to 6.

    `seed` is the lesion; `growth` widens it and makes it more uneven; `take` tells its photographs apart, each of
    which is held a little differently. `blurred` is in pixels.
    """
    lesion, held = random.Random(f"{seed}"), random.Random(f"{seed} {take}")  # noqa: S311 - drawings, not secrets
    ground = _skin(held, SKINS[skin - 1])
    outline = _outline(lesion, held, look, growth)
    picture = _pigmented(lesion, held, ground, outline, look)
    picture = with_hairs(held, picture, skin)
    picture = picture.filter(ImageFilter.GaussianBlur(0.7 + blurred))
    return _grained(held, _vignetted(held, picture))


def _skin(dice: random.Random, colour: Colour) -> Image.Image:
    """Return skin: its colour, uneven in patches, with the fine furrows."""
    shifted = tuple(level + dice.randint(-8, 8) for level in colour)
    ground = Image.new("RGB", SIZE, shifted)
    for cell, strength in ((150, 0.10), (40, 0.07), (9, 0.06), (4, 0.05)):
        ground = uneven(ground, field(dice, cell), strength)
    return ground


def _outline(lesion: random.Random, held: random.Random, look: Look, growth: float) -> Image.Image:
    """Return where the lesion is: 255 inside, fading to 0 over its border."""
    reach = min(SIZE) * lesion.uniform(0.2, 0.3) * growth
    stretch, waves = (
        lesion.uniform(0.78, 1.0),
        [(k, look.ragged * growth**2 * lesion.gauss(0, 1) / k, lesion.uniform(0, math.tau)) for k in range(2, 12)],
    )
    turn, x, y = held.uniform(-0.25, 0.25), SIZE[0] / 2 + held.gauss(0, 12), SIZE[1] / 2 + held.gauss(0, 9)
    points = []
    for step in range(240):
        angle = math.tau * step / 240
        radius = reach * (1 + sum(height * math.cos(k * angle + phase) for k, height, phase in waves))
        across, down = radius * math.cos(angle), radius * stretch * math.sin(angle)
        points.append(
            (x + across * math.cos(turn) - down * math.sin(turn), y + across * math.sin(turn) + down * math.cos(turn))
        )
    mask = Image.new("L", SIZE)
    ImageDraw.Draw(mask).polygon(points, fill=255)
    return mask.filter(ImageFilter.GaussianBlur(max(4, look.soft * reach)))


def _pigmented(
    lesion: random.Random, held: random.Random, ground: Image.Image, outline: Image.Image, look: Look
) -> Image.Image:
    """Lay the lesion's pigment over the skin: light, dark where a field of noise is, and its structures."""
    mottle = ImageChops.multiply(contrast(field(lesion, look.mottle), 2.2), outline)
    fading = ImageChops.lighter(outline, outline.filter(ImageFilter.GaussianBlur(16)))
    picture = stained(ground, look.light, fading)
    picture = stained(picture, over(look.dark, look.light), mottle)
    red, green, blue = look.dark
    deep = red * 2 // 3, green * 2 // 3, blue * 2 // 3
    if look.network:
        picture = stained(
            picture, towards(deep, 0.45), scaled(ImageChops.multiply(network(lesion), outline), look.network)
        )
    if look.patches:
        patches = ImageChops.multiply(contrast(field(lesion, 70), 4.0), outline)
        picture = stained(picture, towards((70, 66, 84), 0.35), scaled(patches, look.patches * 0.8))
    if look.dots:
        picture = stained(picture, towards(deep, 0.2), ImageChops.multiply(dots(lesion, look.dots), outline))
    if look.vessels:
        picture = stained(picture, (226, 120, 126), ImageChops.multiply(vessels(lesion, look.vessels), outline))
    textured = uneven(picture, field(lesion, 14), 0.12)
    return uneven(Image.composite(textured, picture, outline), field(held, 6), 0.05)


def _vignetted(dice: random.Random, picture: Image.Image) -> Image.Image:
    """Darken the corners a little, as dermoscopes do."""
    depth = dice.uniform(0, 0.18)
    light = _corners().point(lambda level: 255 - (255 - level) * depth)
    return ImageChops.multiply(picture, Image.merge("RGB", (light, light, light)))


@cache
def _corners() -> Image.Image:
    """Return light that fades from 255 in the middle to 0 in the corners."""
    light = Image.new("L", SIZE)
    width, height = SIZE
    ImageDraw.Draw(light).ellipse((-0.02 * width, -0.1 * height, 1.02 * width, 1.1 * height), fill=255)
    return light.filter(ImageFilter.GaussianBlur(70))


def _grained(dice: random.Random, picture: Image.Image) -> Image.Image:
    """Add the sensor's noise."""
    grain = Image.frombytes("RGB", SIZE, dice.randbytes(SIZE[0] * SIZE[1] * 3)).filter(ImageFilter.GaussianBlur(0.6))
    return added(picture, grain, 0.02)
