import re

import pytest

from config import ROOT

TEXT, SHAPE = 4.5, 3.0  # WCAG 2.2, 1.4.3 and 1.4.11, level AA
PAIRS = [
    *(
        (ink, ground, TEXT)
        for ink in ("ink", "ink-soft", "link", "accent", "alarm", "attention")
        for ground in ("paper", "surface")
    ),
    *((ink, "sunken", TEXT) for ink in ("ink", "ink-soft")),
    ("on-accent", "accent", TEXT),
    ("on-accent", "accent-hover", TEXT),
    ("on-alarm", "alarm-fill", TEXT),
    ("on-alarm", "alarm", TEXT),
    *((ink, f"{kind}-soft", TEXT) for kind in ("accent", "good", "attention", "alarm") for ink in (kind, "ink")),
    ("link", "accent-soft", TEXT),
    *(("focus", ground, SHAPE) for ground in ("paper", "surface", "accent-soft")),
    *(("line-strong", ground, SHAPE) for ground in ("paper", "surface")),
    *((f"series-{number}", ground, SHAPE) for number in range(1, 8) for ground in ("paper", "surface")),
    *((mark, ground, SHAPE) for mark in ("accent", "line-strong", "focus") for ground in ("sunken", "accent-soft")),
]


def palette(theme: str) -> dict[str, str]:
    css = (ROOT / "static" / "css" / "lentigo.css").read_text()
    block = re.search(rf'\[data-bs-theme="{theme}"\] \{{\s+--paper.*?\}}', css, re.DOTALL)
    assert block is not None
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block.group()))


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_both_themes_name_the_same_colours(theme):
    assert palette(theme).keys() == palette("light").keys()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground", "least"), PAIRS)
def test_every_pair_of_colours_has_enough_contrast(theme, ink, ground, least):
    colours = palette(theme)

    assert contrast(colours[ink], colours[ground]) >= least
