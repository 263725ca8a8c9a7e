"""The two pictures of a report, reduced to what is printed."""

from __future__ import annotations

import io
from dataclasses import dataclass

from PIL import Image

from app.inference import Frame

PRINTED_PX = 600  # longer side of the photograph: some 180 dots per inch
QUALITY = 90


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG without metadata, with its size in pixels."""

    jpeg: bytes
    width: int
    height: int


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


def _opened(png: bytes, mode: str) -> Image.Image:
    with Image.open(io.BytesIO(png), formats=("PNG",)) as opened:
        opened.load()
        return opened if opened.mode == mode else opened.convert(mode)


def _picture(image: Image.Image) -> Picture:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=QUALITY)
    return Picture(file.getvalue(), *image.size)
