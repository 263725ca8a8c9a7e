"""The files of the reports: where storage keeps them, and that they are the ones that were issued."""

from __future__ import annotations

import structlog

from app.errors import DamagedFileError
from app.reports.records import sha256
from app.reports.selectors import Issued
from app.reports.tables import Report
from app.results.tables import Analysis
from app.storage import Storage

FOLDER, SIGNED = "reports", "-signed"

log = structlog.get_logger(__name__)


def pdf_key(analysis: Analysis, report: Report, *, signed: bool = False) -> str:
    """Return the storage key of a report's file, in the folder that goes with its analysis."""
    return key_of(analysis.public_id, report.code, signed=signed)


def key_of(public_id: str, code: str, *, signed: bool) -> str:
    """Return the same by the ids of an analysis and a report."""
    return f"analyses/{public_id}/{FOLDER}/{code}{SIGNED if signed else ''}.pdf"


def issued_file(storage: Storage, analysis: Analysis, issued: Issued) -> bytes:
    """Return the signed file, or the one without signature if there is none yet.

    DamagedFileError, logged, if it is missing or is not the file that was issued.
    """
    report, signature = issued.report, issued.signature
    key = pdf_key(analysis, report, signed=signature is not None)
    try:
        pdf = storage.get(key)
    except FileNotFoundError as error:
        log.error("report_missing", key=key)
        raise DamagedFileError("The file of this report is missing. Please tell your administrator.") from error
    if sha256(pdf) != (signature or report).pdf_sha256:
        log.error("report_tampered", key=key)
        raise DamagedFileError(
            "The stored file is no longer the one that was issued, so it is not shown. Please tell your administrator."
        )
    return pdf
