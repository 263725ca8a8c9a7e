"""Gather what a report of an analysis shows, from the database, storage, and the settings of the clinic."""

from __future__ import annotations

import hashlib

import structlog

from app.errors import DamagedFileError, NotFoundError
from app.inference import heatmap_png
from app.results.presentation import card_of, labels_of
from app.results.report import composed_report
from app.results.report.clinical import ClinicalReport
from app.results.tables import Analysis
from app.storage import Storage
from config import Settings

log = structlog.get_logger(__name__)


def gathered_report(storage: Storage, analysis: Analysis, settings: Settings) -> ClinicalReport:
    """Return the report of an analysis as the record is now.

    NotFoundError if the photograph is missing; DamagedFileError, logged, if it is not the one that was analysed.
    """
    return composed_report(
        analysis,
        photograph=_photograph(storage, analysis),
        heatmap=heatmap_png(analysis.heatmap),
        clinic=settings.clinic_name,
        prevalence=settings.prevalence,
        card=card_of(analysis),
        labels=labels_of(analysis),
    )


def stored(storage: Storage, key: str) -> bytes:
    """Return a file of an analysis; NotFoundError, logged, if storage doesn't have it."""
    try:
        return storage.get(key)
    except FileNotFoundError as error:
        log.error("stored_file_missing", key=key)
        raise NotFoundError("The photograph of this test is missing from storage.") from error


def _photograph(storage: Storage, analysis: Analysis) -> bytes:
    photograph = stored(storage, analysis.photograph_key)
    if hashlib.sha256(photograph).hexdigest() != analysis.photograph_sha256:
        log.error("photograph_tampered", key=analysis.photograph_key)
        raise DamagedFileError(
            "The stored photograph is no longer the one that was analysed, so that no report can be made. Please tell "
            "your administrator."
        )
    return photograph
