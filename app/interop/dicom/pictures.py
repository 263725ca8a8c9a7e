"""The pixels of an export, by Pillow: the photograph as it is kept, and under its heat map with a note below."""

from __future__ import annotations

import io
from dataclasses import dataclass

from PIL import Image, ImageCms, ImageDraw, ImageFont

from app.inference import Frame, heatmap_png
from config import ROOT

FONT = ROOT / "static" / "fonts" / "NotoSans-Regular.ttf"
PAPER, INK = (255, 255, 255), (0, 0, 0)
NOTE_SHARE = 0.035  # height of a line of the note, of the picture's width
LEAST_NOTE = 12  # px
LINE_HEIGHT = 1.4


@dataclass(frozen=True, slots=True)
class Pixels:
    """RGB, 8 bits, by rows, each pixel's three values together."""

    rows: int
    columns: int
    content: bytes

    @classmethod
    def of(cls, picture: Image.Image) -> Pixels:
        """Return the pixels of a picture."""
        return cls(picture.height, picture.width, picture.tobytes())


def photograph_pixels(png: bytes) -> Pixels:
    """Return the pixels of a kept photograph."""
    return Pixels.of(_opened(png))


def heat_map_pixels(png: bytes, grid: list[list[float]], frame: Frame, note: tuple[str, ...]) -> Pixels:
    """Return a photograph with the heat map laid over its framed square, and below it the note, on white."""
    picture = _opened(png)
    with Image.open(io.BytesIO(heatmap_png(grid, frame.side)), formats=("PNG",)) as opened:
        layer = opened.convert("RGBA")
        picture.paste(layer.convert("RGB"), (frame.left, frame.top), mask=layer.getchannel("A"))
    return Pixels.of(_noted(picture, note))


def srgb_profile() -> bytes:
    """Return the colour profile of sRGB, always the same bytes: without the time at which it was made."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[24:36] = bytes.fromhex("07d000010001000000000000")  # creation time (ICC.1, 7.2.8): 1 January 2000
    profile[84:100] = bytes(16)  # its checksum, not computed (7.2.18)
    return bytes(profile)


def _noted(picture: Image.Image, note: tuple[str, ...]) -> Image.Image:
    """Add a strip below the picture, so that no pixel of it is covered."""
    font = _fitting(note, picture.width)
    step = int(font.size * LINE_HEIGHT)
    noted = Image.new("RGB", (picture.width, picture.height + step * len(note) + step // 2), PAPER)
    noted.paste(picture)
    draw = ImageDraw.Draw(noted)
    for number, line in enumerate(note):
        draw.text((step // 2, picture.height + step // 4 + number * step), line, INK, font)
    return noted


def _fitting(note: tuple[str, ...], width: int) -> ImageFont.FreeTypeFont:
    """Return the type of a share of the width, or smaller: every line fits between its margins."""
    font = ImageFont.truetype(FONT, max(LEAST_NOTE, round(width * NOTE_SHARE)))
    longest = max(font.getlength(line) for line in note) + font.size * LINE_HEIGHT
    return font if longest <= width else font.font_variant(size=max(1, int(font.size * width / longest)))


def _opened(png: bytes) -> Image.Image:
    with Image.open(io.BytesIO(png), formats=("PNG",)) as opened:
        return opened.convert("RGB")
