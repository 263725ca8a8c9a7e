"""The pictures of a report, reduced to what is printed."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from app.inference import Frame

PRINTED_PX = 600  # longer side of the photograph: some 180 dots per inch
SMALL_PX = 200  # side of the small squares
LOGO_PX = 600
QUALITY = 90
UNREADABLE = (OSError, SyntaxError, ValueError)  # what Pillow raises


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG without metadata, with its size in pixels."""

    jpeg: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Pictures:
    """All of a report; `course` and `similar` have one for each photograph and case, None where there is none."""

    photograph: Picture
    heatmap: Picture
    logo: Picture | None = None
    course: tuple[Picture | None, ...] = ()
    similar: tuple[Picture | None, ...] = ()

    def __iter__(self) -> Iterator[Picture | None]:
        """Yield each in its order."""
        yield from (self.photograph, self.heatmap, self.logo, *self.course, *self.similar)


def printed_pictures(photograph: bytes, heatmap: bytes, frame: Frame) -> tuple[Picture, Picture]:
    """Return the whole photograph, and its framed square under the heat map; both inputs are PNG files.

    The square gets the heat map's size: a few hundred pixels, enough for print.
    """
    whole, layer = _opened(photograph, "RGB"), _opened(heatmap, "RGBA")
    factor = max(1, min(max(whole.size) // PRINTED_PX, frame.side // layer.width))
    coarse = whole.reduce(factor) if factor > 1 else whole  # fast, and leaves little for the finer steps
    box = tuple(edge / factor for edge in (frame.left, frame.top, frame.left + frame.side, frame.top + frame.side))
    square = coarse.resize(layer.size, Image.Resampling.BICUBIC, box=(box[0], box[1], box[2], box[3]))
    square.paste(layer, mask=layer)
    coarse.thumbnail((PRINTED_PX, PRINTED_PX), Image.Resampling.BICUBIC)
    return _picture(coarse), _picture(square)


def whole_picture(photograph: bytes) -> Picture:
    """Return a whole photograph, a PNG file, with all its pixels."""
    return _picture(_opened(photograph, "RGB"))


def small_square(file: bytes | Path) -> Picture | None:
    """Return the middle of a picture as a small square; None if it can't be read."""
    try:
        with Image.open(io.BytesIO(file) if isinstance(file, bytes) else file, formats=("JPEG",)) as opened:
            whole = opened.convert("RGB")
    except UNREADABLE:
        return None
    side = min(whole.size)
    left, top = (whole.width - side) // 2, (whole.height - side) // 2
    square = whole.crop((left, top, left + side, top + side))
    square.thumbnail((SMALL_PX, SMALL_PX), Image.Resampling.BICUBIC)
    return _picture(square)


def printed_logo(file: Path) -> Picture | None:
    """Return a logo on white; None if it can't be read any more."""
    try:
        with Image.open(file, formats=("PNG", "JPEG")) as opened:
            logo = opened.convert("RGBA")
    except UNREADABLE:
        return None
    logo.thumbnail((LOGO_PX, LOGO_PX), Image.Resampling.LANCZOS)
    paper = Image.new("RGB", logo.size, "white")
    paper.paste(logo, mask=logo)
    return _picture(paper)


def _opened(png: bytes, mode: str) -> Image.Image:
    with Image.open(io.BytesIO(png), formats=("PNG",)) as opened:
        opened.load()
        return opened if opened.mode == mode else opened.convert(mode)


def _picture(image: Image.Image) -> Picture:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=QUALITY)
    return Picture(file.getvalue(), *image.size)
