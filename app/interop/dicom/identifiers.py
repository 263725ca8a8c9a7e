"""The identifiers of study, series and objects: the same whenever an analysis is exported for the same patient."""

from __future__ import annotations

from app.interop.dicom.records import Case
from app.interop.dicom.uids import uid_of


def study_uid(case: Case) -> str:
    """Return the study of a test; another one where it is moved to another patient: a study has one."""
    return uid_of("study", case.analysis.public_id, case.patient)


def series_uid(case: Case, name: str) -> str:
    """Return one of its series."""
    return uid_of("series", case.analysis.public_id, case.patient, name)


def instance_uid(case: Case, name: str, version: str) -> str:
    """Return an object of a series."""
    return uid_of("instance", case.analysis.public_id, case.patient, name, version)
