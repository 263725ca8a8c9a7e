"""What is printed of an issued report, and shown where it is verified: its issue and its fingerprints."""

from __future__ import annotations

from types import MappingProxyType

from app.reports.codes import grouped
from app.reports.tables import CLINICAL, SUMMARY, Report
from app.results.measurement import Fact
from app.results.report.issue import Issue, Signed
from app.results.report.text import one_line
from app.results.wording import percent

KINDS = MappingProxyType({CLINICAL: "Clinical report", SUMMARY: "Page for the patient"})
NOT_INSTALLED = "not known: the version was not installed"


def issue_of(report: Report, address: str, *, signed: Signed | None) -> Issue:
    """Return what is printed of a report; `address` is where its code can be verified."""
    return Issue(
        code=grouped(report.code),
        address=address,
        version=report.version,
        issued=Signed(report.issued_by, report.issued_at),
        signed=signed,
        replaces=_replaces(report),
        fingerprints=fingerprints(report),
    )


def fingerprints(report: Report) -> tuple[Fact, ...]:
    """Return what a report was made from: hashes, the classifier, and the threshold of its alert."""
    return (
        Fact("Photograph, SHA-256", report.photograph_sha256),
        Fact("Text and pictures, SHA-256", report.text_sha256),
        Fact("Classifier", report.classifier),
        Fact("Network, SHA-256", report.network_sha256 or NOT_INSTALLED),
        Fact("Preprocessing", report.preprocessing or NOT_INSTALLED),
        Fact("Alert threshold", "none" if report.threshold is None else percent(report.threshold)),
    )


def _replaces(report: Report) -> str:
    if report.version == 1:
        return ""
    if not report.reason:
        return f"Replaces version {report.version - 1}, which was not signed."
    return f"Amends version {report.version - 1}. Reason: {one_line(report.reason)}"
