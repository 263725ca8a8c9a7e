"""What is drawn, not written: a picture with the analysed square on it, and a bar of the chart."""

from __future__ import annotations

import io

from reportlab.lib.colors import Color, white
from reportlab.lib.utils import ImageReader
from reportlab.platypus import Flowable

from app.results.report.content import FramedSquare
from app.results.report.pictures import Picture
from app.results.report.styles import ACCENT, LINE

THINNEST = 0.8  # points: even the least probable class shows


class FramedPicture(Flowable):
    """A picture as large as fits into a box, in its upper left corner, with a square marked on it if there is one."""

    def __init__(self, picture: Picture, width: float, height: float, frame: FramedSquare | None = None) -> None:
        super().__init__()
        self._picture = picture
        self._frame = frame
        scale = min(width / picture.width, height / picture.height)
        self._size = picture.width * scale, picture.height * scale
        self.width, self.height = width, self._size[1]

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        """Return the size."""
        return self.width, self.height

    def draw(self) -> None:
        """Draw the picture, then the square: white under the accent, so that it shows on any skin."""
        self.canv.drawImage(ImageReader(io.BytesIO(self._picture.jpeg)), 0, 0, *self._size)
        if self._frame is None:
            return
        width, height = self._size
        left, right = self._frame.left * width, self._frame.right * width
        top, bottom = height - self._frame.top * height, height - self._frame.bottom * height
        for colour, thickness in ((white, 2.6), (ACCENT, 1.2)):
            self.canv.setStrokeColor(colour)
            self.canv.setLineWidth(thickness)
            inset = 1.3
            self.canv.rect(left + inset, bottom + inset, right - left - 2 * inset, top - bottom - 2 * inset)


class Bar(Flowable):
    """A bar from 0 to 1 on a track of the full width."""

    def __init__(self, share: float, width: float, colour: Color, height: float = 7.0) -> None:
        super().__init__()
        self._share, self._colour = share, colour
        self.width, self.height = width, height

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        """Return the size."""
        return self.width, self.height

    def draw(self) -> None:
        """Draw track and bar."""
        self.canv.setFillColor(LINE)
        self.canv.rect(0, self.height / 2 - 0.3, self.width, 0.6, stroke=0, fill=1)
        self.canv.setFillColor(self._colour)
        self.canv.rect(0, 0, max(THINNEST, self.width * min(1.0, self._share)), self.height, stroke=0, fill=1)
