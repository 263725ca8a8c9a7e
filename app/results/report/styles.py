"""How a report looks: one column on A4, one accent colour, few sizes. Lengths are in points."""

from __future__ import annotations

from functools import partial

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle

from app.results.report.fonts import BOLD, REGULAR

MARGIN = 51.0
WIDTH = A4[0] - 2 * MARGIN
GAP = 12.0  # between blocks

INK = HexColor(0x1F2A2B)
MUTED = HexColor(0x5C6667)
LINE = HexColor(0xD5DADA)
ACCENT = HexColor(0x0F5C63)  # as in the application's style sheet
ACCENT_PALE = HexColor(0x9CC3C5)
ACCENT_SOFT = HexColor(0xEDF4F4)
CAUTION = HexColor(0x8A5A00)
CAUTION_SOFT = HexColor(0xFDF6E7)

_style = partial(ParagraphStyle, fontName=REGULAR, textColor=INK)

BODY = _style("body", fontSize=8.8, leading=12)
STRONG = _style("strong", fontName=BOLD, fontSize=8.8, leading=12)
RIGHT = _style("right", parent=BODY, fontSize=8.8, leading=12, alignment=TA_RIGHT)
RIGHT_STRONG = _style("right-strong", fontName=BOLD, fontSize=8.8, leading=12, alignment=TA_RIGHT)
SMALL = _style("small", fontSize=7.8, leading=10.8, textColor=MUTED)
SMALL_RIGHT = _style("small-right", fontSize=7.8, leading=10.8, textColor=MUTED, alignment=TA_RIGHT)
SMALL_STRONG = _style("small-strong", fontName=BOLD, fontSize=7.8, leading=10.8)
NAME_OF_FACT = _style("fact", fontSize=7.8, leading=10.8, textColor=MUTED)
HEADING = _style("heading", fontName=BOLD, fontSize=10, leading=13, textColor=ACCENT)
CLINIC = _style("clinic", fontName=BOLD, fontSize=17, leading=22, textColor=ACCENT)
PATIENT = _style("patient", fontName=BOLD, fontSize=12, leading=15.5)
PATIENT_ABOVE = _style("patient-above", fontName=BOLD, fontSize=8, leading=10)
FIGURE = _style("figure", fontName=BOLD, fontSize=27, leading=32, textColor=ACCENT)
ANSWER = _style("answer", fontName=BOLD, fontSize=13, leading=17)
CAUTION_TITLE = _style("caution-title", fontName=BOLD, fontSize=8.8, leading=12, textColor=CAUTION)
CAUTION_RIGHT = _style("caution-right", fontName=BOLD, fontSize=8.8, leading=12, textColor=CAUTION, alignment=TA_RIGHT)
FINGERPRINT = _style("fingerprint", fontSize=6.6, leading=8.6, textColor=MUTED, wordWrap="CJK")  # breaks anywhere
PLAIN = _style("plain", fontSize=11, leading=15.5)  # for patients
PLAIN_HEADING = _style("plain-heading", fontName=BOLD, fontSize=12, leading=17, textColor=ACCENT)
FOOT = _style("foot", fontSize=7.2, leading=9, textColor=MUTED)
FOOT_RIGHT = _style("foot-right", fontSize=7.2, leading=9, textColor=MUTED, alignment=TA_RIGHT)
