"""The pieces that the pages of a report are built of: text, facts, panels, and how tables are set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Flowable, Paragraph, Table, TableStyle

from app.results.measurement import Fact
from app.results.report import styles
from app.results.report.fonts import REGULAR, markup

EMBEDDED = ("FONTNAME", (0, 0), (-1, -1), REGULAR)  # else every table names Helvetica, which is not embedded
FLUSH = [
    EMBEDDED,
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 0),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
]
TIGHT = [*FLUSH, ("TOPPADDING", (0, 0), (-1, -1), 0), ("BOTTOMPADDING", (0, 0), (-1, -1), 0)]

RULED = TableStyle(
    [
        *FLUSH,
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("TOPPADDING", (0, 0), (-1, -1), 1.6),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2.2),
        ("LINEBELOW", (0, 0), (-1, -1), 0.5, styles.LINE, 0),
    ]
)


def text(words: str, style: ParagraphStyle) -> Paragraph:
    """Return words as they are, in a style."""
    return Paragraph(markup(words), style)


def fact(of: Fact) -> list[Flowable]:
    """Return a value under its name."""
    return [text(of.name, styles.NAME_OF_FACT), text(of.value, styles.BODY)]


def panel(rows: Sequence[list[Any]], widths: Sequence[float], *, caution: bool = False) -> Flowable:
    """Return a tinted table with an edge on its left."""
    ground, edge = (styles.CAUTION_SOFT, styles.CAUTION) if caution else (styles.ACCENT_SOFT, styles.ACCENT)
    return Table(
        rows,
        colWidths=widths,
        style=[EMBEDDED, ("VALIGN", (0, 0), (-1, -1), "TOP"), ("BACKGROUND", (0, 0), (-1, -1), ground),
               ("LINEBEFORE", (0, 0), (0, -1), 2.4, edge, 0), ("TOPPADDING", (0, 0), (-1, -1), 8),
               ("BOTTOMPADDING", (0, 0), (-1, -1), 9), ("LEFTPADDING", (0, 0), (-1, -1), 12),
               ("RIGHTPADDING", (0, 0), (-1, -1), 12)],
    )  # fmt: skip
