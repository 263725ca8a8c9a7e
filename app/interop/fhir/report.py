"""The `DiagnosticReport`: what the rest belongs to, with the PDF file."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from app.interop.codes import Concept
from app.interop.fhir.elements import (
    LOINC,
    Resource,
    coding,
    concept,
    identifier,
    identity,
    instant,
    person,
    reference,
    resource,
    said,
)
from app.interop.fhir.media import HEATMAP, PHOTOGRAPH, attachment, encoded, media_id
from app.interop.fhir.record import Record
from app.interop.fhir.subject import patient_id
from app.interop.fhir.verdicts import finding
from app.results.report.content import TITLE
from app.results.report.text import one_line

STUDY = Concept(LOINC, "18748-4", "Diagnostic imaging study")
OTHER = coding("http://terminology.hl7.org/CodeSystem/v2-0074", "OTH", "Other")
ERROR = "entered-in-error"
PDF = "application/pdf"
SHOWN = {PHOTOGRAPH: "The photograph", HEATMAP: "Where the classifier looked"}
XHTML = "http://www.w3.org/1999/xhtml"


def report_id(record: Record) -> str:
    """Return the id of the report."""
    return identity("DiagnosticReport", record.analysis.public_id)


def report(record: Record, results: Sequence[Resource]) -> Resource:
    """Return the report of an analysis; `results` are its observations.

    The conclusion's code is that of a confirmed diagnosis, and of nothing that a classifier answered.
    """
    id_, diagnosis, text = report_id(record), record.diagnosis, conclusion(record)
    return resource(
        "DiagnosticReport",
        id_,
        text={"status": "generated", "div": f'<div xmlns="{XHTML}"><p>{escape(text)}</p></div>'},
        identifier=[identifier(id_), *_code(record)],
        status=status(record),
        category=[{"coding": [OTHER], "text": "Skin imaging"}],
        code=concept(STUDY, TITLE),
        subject=reference(patient_id(record)),
        effectiveDateTime=instant(record.analysis.created_at),
        issued=_issued(record),
        performer=[{"type": "Organization", "display": record.content.clinic}],
        resultsInterpreter=_signer(record),
        result=[reference(result["id"]) for result in results if result["status"] != ERROR],
        media=[
            {"comment": comment, "link": reference(media_id(record, name))}
            for name, comment in SHOWN.items()
            if name == PHOTOGRAPH or record.analysis.accepted
        ],
        conclusion=text,
        conclusionCode=[finding(diagnosis.label)] if diagnosis and diagnosis.label else None,
        presentedForm=[attachment(record.pdf, PDF, _title(record), data=encoded(record.pdf))],
    )


def status(record: Record) -> str:
    """Return how far the report is: preliminary until one is signed, amended if anything was said after that."""
    standing = record.standing
    if standing is None or standing.signature is None:
        return "preliminary"
    replaces = any(issued.signature and issued.report.version < standing.report.version for issued in record.reports)
    verdicts = [verdict for verdict in (record.assessment, record.diagnosis) if verdict]
    since = any(verdict.created_at > standing.signature.signed_at for verdict in verdicts)
    return "amended" if replaces or since else "final"


def conclusion(record: Record) -> str:
    """Say what came out in the words of the clinical report, with what it is and is not."""
    content = record.content
    figures = f"Malignancy {content.malignancy}." if content.malignancy else ""
    opinions = (f"{opinion.title}: {opinion.verdict} ({opinion.source})." for opinion in record.opinions)
    warning = f"{content.warning}." if content.warning else ""
    return " ".join(filter(None, (content.purpose, warning, content.certainty, figures, content.threshold, *opinions)))


def _issued(record: Record) -> str | None:
    standing = record.standing
    if standing is None:
        return None
    return instant(standing.signature.signed_at if standing.signature else standing.report.issued_at)


def _signer(record: Record) -> list[Resource]:
    signature = record.standing.signature if record.standing else None
    return [] if signature is None else [person(one_line(signature.signed_by))]


def _code(record: Record) -> list[Resource]:
    """Return the code by which anybody who holds the PDF file can verify it."""
    if record.standing is None:
        return []
    return [{"type": said("Verification code of the PDF file"), "value": record.standing.code}]


def _title(record: Record) -> str:
    if record.standing is None:
        return f"{TITLE}: working copy, not issued"
    signed = "signed" if record.standing.signature else "not signed"
    return f"{TITLE}: version {record.standing.report.version}, {signed}"
