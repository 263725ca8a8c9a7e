"""What the clinician said: own assessment and confirmed diagnosis, as `Observation`s of their own."""

from __future__ import annotations

from collections.abc import Iterator

from app.interop.codes import CLASSES, Concept
from app.interop.fhir.elements import LOINC, Resource, concept, instant, note, own, person, said
from app.interop.fhir.observations import observation
from app.interop.fhir.record import Record
from app.reports.case import BLIND
from app.results.report.text import one_line
from app.results.verdicts.labels import BASES, name_of
from app.results.verdicts.tables import ASSESSMENT, DIAGNOSIS, Verdict

CODES = {
    ASSESSMENT: own("own-assessment", "Own assessment of the clinician"),
    DIAGNOSIS: concept(Concept(LOINC, "29308-4", "Diagnosis"), "Confirmed diagnosis"),
}
TAKEN_BACK = "What was said before was taken back."


def verdicts(record: Record) -> Iterator[Resource]:
    """Yield what is in force; what was taken back is said to have been an error, as it may have been sent before."""
    for verdict in (record.assessment, record.diagnosis):
        if verdict is not None:
            yield _in_force(record, verdict, verdict.label) if verdict.label else _taken_back(record, verdict)


def finding(label: str) -> Resource:
    """Return what a lesion was said to be."""
    return concept(CLASSES[label], name_of(label))


def _in_force(record: Record, verdict: Verdict, label: str) -> Resource:
    return observation(
        record,
        verdict.kind,
        status="final",
        category="exam",
        code=CODES[verdict.kind],
        effectiveDateTime=verdict.found_on.isoformat() if verdict.found_on else instant(verdict.created_at),
        issued=instant(verdict.created_at),
        performer=[person(one_line(verdict.author_name))],
        valueCodeableConcept=finding(label),
        method=said(BASES[verdict.basis]) if verdict.basis else None,
        note=note(f"Given {BLIND}." if verdict.blind else "", verdict.note or ""),
    )


def _taken_back(record: Record, verdict: Verdict) -> Resource:
    return observation(
        record,
        verdict.kind,
        status="entered-in-error",
        category="exam",
        code=CODES[verdict.kind],
        issued=instant(verdict.created_at),
        dataAbsentReason=said(TAKEN_BACK),
    )
