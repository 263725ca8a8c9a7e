"""The seal of a report: whether it is issued and signed, its code, where to verify it, and what it was made from."""

from __future__ import annotations

from reportlab.graphics.barcode.qr import QrCode
from reportlab.platypus import Flowable, KeepTogether, Spacer, Table

from app.results.report import styles
from app.results.report.issue import UNSIGNED, WORKING_COPY, Issue
from app.results.report.pieces import TIGHT, text
from app.results.report.styles import WIDTH

QR_SIDE = 78.0  # points: some 27 mm, with the light border that readers want
SIGNATURE_WIDTH = WIDTH - QR_SIDE - 12
COPY = (
    "This is a working copy: it was not issued, nobody has signed it, and it has no code by which it can be verified. "
    "It shows the record as it was when this copy was made."
)
UNDERLINED = ("LINEBELOW", (0, 0), (-1, -1), 0.6, styles.INK, 0)
VERIFY = "Whether this report is genuine, and whether it has been replaced, is told at"


def status(issue: Issue | None) -> Flowable:
    """Return whether the report is issued and signed, for the heading."""
    if issue is None:
        return text(WORKING_COPY, styles.CAUTION_RIGHT)
    if issue.signed is None:
        return text(f"Version {issue.version}. {UNSIGNED}", styles.CAUTION_RIGHT)
    return text(f"Version {issue.version}, signed", styles.RIGHT_STRONG)


def seal(issue: Issue | None) -> Flowable:
    """Return the end of a report: who answers for it, and how it can be checked."""
    if issue is None:
        return KeepTogether([text("Not issued", styles.HEADING), text(COPY, styles.BODY)])
    words = [
        *_signature(issue),
        Spacer(0, 6),
        text(VERIFY, styles.SMALL),
        text(issue.address, styles.BODY),
        text(f"Code {issue.code}", styles.STRONG),
        *([text(issue.replaces, styles.BODY)] if issue.replaces else []),
    ]
    code = QrCode(issue.address, width=QR_SIDE, height=QR_SIDE, qrBorder=2, qrLevel="M")
    sealed = Table([[words, code]], colWidths=[WIDTH - QR_SIDE, QR_SIDE], style=TIGHT)
    prints = "; ".join(f"{print_.name} {print_.value}" for print_ in issue.fingerprints)
    return KeepTogether([sealed, Spacer(0, 4), text(prints, styles.FINGERPRINT)])


def _signature(issue: Issue) -> list[Flowable]:
    issued = text(f"Issued by {issue.issued.words}", styles.BODY)
    if issue.signed is None:
        line = Table([[""]], colWidths=[SIGNATURE_WIDTH * 0.7], rowHeights=[20], style=[*TIGHT, UNDERLINED])
        line.hAlign = "LEFT"
        return [text("Signature", styles.HEADING), issued, line, text(UNSIGNED, styles.SMALL)]
    return [text("Signature", styles.HEADING), text(f"Signed by {issue.signed.words}", styles.STRONG), issued]
