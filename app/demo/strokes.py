"""What is drawn line by line: pigment network, dots, vessels, hairs."""

from __future__ import annotations

import math
import random
from itertools import pairwise

from PIL import Image, ImageDraw, ImageFilter

from app.demo.painting import SIZE, stained

FAIR = 3  # skin type up to which hair is drawn lighter
FAIR_HAIR, DARK_HAIR = (96, 70, 62), (60, 50, 50)


def network(dice: random.Random) -> Image.Image:
    """Return a honeycomb of pigmented lines, jittered, some of them faint."""
    layer, cell = Image.new("L", SIZE), dice.uniform(9, 13)
    pen, rows = ImageDraw.Draw(layer), int(SIZE[1] / cell * 1.2) + 2
    knots = [
        [
            ((column + (row % 2) / 2) * cell + dice.gauss(0, cell / 4), row * cell * 0.86 + dice.gauss(0, cell / 4))
            for column in range(int(SIZE[0] / cell) + 2)
        ]
        for row in range(rows)
    ]
    for upper, lower in pairwise(knots):
        for index in range(len(upper) - 1):
            for end in (upper[index + 1], lower[index]):
                pen.line((upper[index], end), fill=dice.randint(60, 220), width=2)
    return layer.filter(ImageFilter.GaussianBlur(1.2))


def dots(dice: random.Random, share: float) -> Image.Image:
    """Return dots and globules, most of them in the middle."""
    layer = Image.new("L", SIZE)
    pen = ImageDraw.Draw(layer)
    for _ in range(int(160 * share)):
        x, y, radius = dice.gauss(SIZE[0] / 2, 70), dice.gauss(SIZE[1] / 2, 60), dice.uniform(1.5, 4.5)
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=dice.randint(90, 230))
    return layer.filter(ImageFilter.GaussianBlur(1.6))


def vessels(dice: random.Random, share: float) -> Image.Image:
    """Return winding vessels."""
    layer = Image.new("L", SIZE)
    pen = ImageDraw.Draw(layer)
    for _ in range(int(26 * share)):
        x, y, angle = dice.gauss(SIZE[0] / 2, 75), dice.gauss(SIZE[1] / 2, 60), dice.uniform(0, math.tau)
        points = [(x, y)]
        for _ in range(dice.randint(8, 22)):
            angle += dice.gauss(0, 0.45)
            x, y = x + 5 * math.cos(angle), y + 5 * math.sin(angle)
            points.append((x, y))
        pen.line(points, fill=dice.randint(90, 220), width=dice.choice((1, 2, 2, 3)), joint="curve")
    return layer.filter(ImageFilter.GaussianBlur(0.8))


def with_hairs(dice: random.Random, picture: Image.Image, skin: int) -> Image.Image:
    """Lay some hairs over the picture: slightly bent, thin, darker on darker skin."""
    layer = Image.new("L", SIZE)
    pen = ImageDraw.Draw(layer)
    heading = dice.uniform(0, math.tau)
    for _ in range(dice.choice((0, 0, 0, 2, 4, 9))):
        x, y, angle = dice.uniform(0, SIZE[0]), dice.uniform(0, SIZE[1]), heading + dice.gauss(0, 0.5)
        bend, points = dice.gauss(0, 0.03), [(x, y)]
        for _ in range(dice.randint(10, 30)):
            angle += bend
            x, y = x + 9 * math.cos(angle), y + 9 * math.sin(angle)
            points.append((x, y))
        pen.line(points, fill=dice.randint(120, 220), width=dice.choice((1, 2, 2, 3)), joint="curve")
    return stained(picture, FAIR_HAIR if skin <= FAIR else DARK_HAIR, layer.filter(ImageFilter.GaussianBlur(0.6)))
