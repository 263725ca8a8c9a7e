"""The letters of a report: Noto Sans, and DejaVu Sans for the signs that it lacks.

Every Latin, Greek and Cyrillic name can be written. What is written from right to left (Hebrew, Arabic) or has no
glyph here (Chinese, Japanese, Korean, emoji) is shown as U+FFFD, never in a wrong order: ReportLab neither shapes nor
reorders text by itself, and a name that is visibly incomplete is safer than one that is subtly wrong.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from itertools import groupby
from xml.sax.saxutils import escape

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from config import ROOT

FOLDER = ROOT / "static" / "fonts"
REGULAR, BOLD, SIGNS = "Report", "Report-Bold", "Report-Signs"
FILES = {REGULAR: "NotoSans-Regular.ttf", BOLD: "NotoSans-Bold.ttf", SIGNS: "DejaVuSans.ttf"}
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
RIGHT_TO_LEFT = ("R", "AL")


@cache
def register() -> None:
    """Read the fonts, once in a process."""
    for name, font in _read().items():
        pdfmetrics.registerFont(font)
        bold = BOLD if name == REGULAR else name
        pdfmetrics.registerFontFamily(name, normal=name, bold=bold, italic=name, boldItalic=bold)


def markup(text: str) -> str:
    """Return `text` as ReportLab's Paragraph takes it: shown literally, each character in a font that has it."""
    runs = ((font, "".join(run)) for font, run in groupby(text, _font))
    return "".join(_run(font, run) for font, run in runs)


def writable(text: str) -> bool:
    """Tell whether the fonts have every character of `text`."""
    return all(_font(character) for character in text)


@cache
def _read() -> dict[str, TTFont]:
    return {name: TTFont(name, FOLDER / file) for name, file in FILES.items()}


@cache
def _characters(font: str) -> frozenset[int]:
    return frozenset(_read()[font].face.charToGlyph)


def _font(character: str) -> str:
    """Return the font that a character is written in, empty if there is none."""
    if ord(character) in _characters(REGULAR):
        return REGULAR
    if unicodedata.bidirectional(character) not in RIGHT_TO_LEFT and ord(character) in _characters(SIGNS):
        return SIGNS
    return ""


def _run(font: str, run: str) -> str:
    if not font:
        return REPLACEMENT * len(run)
    return escape(run) if font == REGULAR else f'<font name="{font}">{escape(run)}</font>'
