"""What every `Observation` has, and what the classifier answered: class, malignancy, and whether to rely on them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from app.interop.codes import CLASSES
from app.interop.fhir.devices import classifier_id
from app.interop.fhir.elements import (
    Resource,
    coding,
    concept,
    identifier,
    identity,
    instant,
    note,
    own,
    reference,
    resource,
    said,
    share,
)
from app.interop.fhir.media import PHOTOGRAPH, media_id
from app.interop.fhir.record import Record
from app.interop.fhir.subject import body_site, lesion_id, patient_id
from app.results.presentation import label_of

METHOD = "Computed from one photograph by a classifier. Decision support, not a diagnosis."
CATEGORIES = {"imaging": "Imaging", "exam": "Exam"}
CATEGORY_SYSTEM = "http://terminology.hl7.org/CodeSystem/observation-category"
CLASS, WEIGHED, MALIGNANCY, RELIANCE = "class", "class-with-patient", "malignancy", "reliance"


def observation(record: Record, name: str, *, code: Resource, category: str, **fields: Any) -> Resource:
    """Return an observation of the lesion; `name` keeps it apart from the others of the same test."""
    id_ = identity("Observation", record.analysis.public_id, name)
    lesion = lesion_id(record)
    return resource(
        "Observation",
        id_,
        **{
            "identifier": [identifier(id_)],
            "category": [{"coding": [coding(CATEGORY_SYSTEM, category, CATEGORIES[category])]}],
            "code": code,
            "subject": reference(patient_id(record)),
            "focus": None if lesion is None else [reference(lesion)],
            "effectiveDateTime": instant(record.analysis.created_at),
            "bodySite": body_site(record),
            **fields,
        },
    )


def answers(record: Record) -> Iterator[Resource]:
    """Yield what the classifier answered; of a photograph that was not accepted only that there is no answer.

    The most likely class has a code of ours alone: a disease's code would read as a diagnosis. Which class each
    probability is of is told by the standards' codes, where they have one.
    """
    analysis, content = record.analysis, record.content
    yield _reliance(record)
    if not analysis.accepted:
        return
    label = label_of(analysis)
    yield _answer(
        record,
        CLASS,
        code=own("most-likely-class", "Most likely class, by the classifier"),
        valueCodeableConcept=own(f"answer-{label.code}", label.name),
        component=_shares(record, analysis.probabilities),
        note=note(content.certainty, content.stability.text if content.stability else ""),
    )
    if analysis.probabilities_with_patient is not None and content.second is not None:
        yield _answer(
            record,
            WEIGHED,
            code=own("class-with-patient", "Class probabilities with the patient's facts weighed in"),
            valueString=content.second.weighed.figures,
            component=_shares(record, analysis.probabilities_with_patient),
            note=note(content.second.title, *content.second.changes, content.second.explanation),
        )
    yield _answer(
        record,
        MALIGNANCY,
        code=own("malignancy", "Malignancy, by the classifier"),
        valueQuantity=share(analysis.malignancy),
        component=list(_settings(record)),
        note=note(content.malignancy_meaning, content.threshold, content.referral.basis if content.referral else ""),
    )


def _reliance(record: Record) -> Resource:
    """Return whether the photograph was accepted, and with which cautions."""
    cautions = zip(record.analysis.reasons, record.content.cautions, strict=True)
    return _answer(
        record,
        RELIANCE,
        code=own("photograph-accepted", "Photograph accepted by the classifier"),
        valueBoolean=record.analysis.accepted,
        component=[
            {"code": own(f"caution-{code}", caution.problem), "valueBoolean": True} for code, caution in cautions
        ],
        note=note(record.content.warning, *(caution.remedy for caution in record.content.cautions)),
    )


def computed(record: Record, name: str, *, method: str, device: str, **fields: Any) -> Resource:
    """Return what a network with the id `device` made out: preliminary until somebody has signed a report of it."""
    signed = record.standing is not None and record.standing.signature is not None
    return observation(
        record,
        name,
        category="imaging",
        status="final" if signed else "preliminary",
        method=said(method),
        device=reference(device),
        derivedFrom=[reference(media_id(record, PHOTOGRAPH))],
        **fields,
    )


def _answer(record: Record, name: str, **fields: Any) -> Resource:
    return computed(record, name, method=METHOD, device=classifier_id(record), **fields)


def _shares(record: Record, probabilities: Mapping[str, float]) -> list[Resource]:
    return [
        {"code": concept(CLASSES[label.code], label.name), "valueQuantity": share(probabilities[label.code])}
        for label in record.labels
    ]


def _settings(record: Record) -> Iterator[Resource]:
    """Yield the alert threshold, and what the lesion is called at each operating point that was measured."""
    analysis, referral = record.analysis, record.content.referral
    if analysis.threshold is not None:
        yield {"code": own("alert-threshold", "Alert threshold"), "valueQuantity": share(analysis.threshold)}
        at_or_above = analysis.malignancy >= analysis.threshold
        yield {"code": own("alert", "At or above the alert threshold"), "valueBoolean": at_or_above}
    for setting in referral.settings if referral else ():
        measured = f"sensitivity {setting.sensitivity}, specificity {setting.specificity}"
        yield {
            "code": said(f"At the {setting.name}"),
            "valueString": f"{setting.call}; threshold {setting.threshold}, {measured}",
        }
