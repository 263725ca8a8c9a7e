"""What a structured report says of a lesion: the classifier's answer, and verdicts (PS3.16, TID 1501)."""

from __future__ import annotations

from collections.abc import Iterator

from highdicom.sr import (
    AlgorithmIdentification,
    CodeContentItem,
    CodedConcept,
    ContentItem,
    ContentSequence,
    DateContentItem,
    FindingSite,
    Measurement,
    MeasurementsAndQualitativeEvaluations,
    ObserverContext,
    PersonObserverIdentifyingAttributes,
    QualitativeEvaluation,
    RelationshipTypeValues,
    SourceImageForMeasurementGroup,
    TextContentItem,
    TrackingIdentifier,
)
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes

from app.interop.codes import CLASSES, LEFT, RIGHT, SKIN, Concept
from app.interop.dicom import words
from app.interop.dicom.records import Case
from app.interop.dicom.text import person_name
from app.interop.dicom.uids import uid_of
from app.product import MANUFACTURER
from app.results.verdicts.tables import ASSESSMENT, Verdict
from app.results.wording import cautions

Group = MeasurementsAndQualitativeEvaluations
NOTICE = (
    "Research software: decision support, not a diagnosis. The probabilities are of the photograph alone, and of the "
    "listed classes only."
)
NO_ANSWER = "The photograph was not accepted, so that there is no answer. This is no all-clear."
BLIND = "Entered before the classifier's answer was shown."


def groups(case: Case, photograph: Dataset) -> list[Group]:
    """Return what is said, each by whom: the classifier first."""
    return [_of_classifier(case, photograph), *(_of_clinician(case, photograph, said) for said in case.verdicts)]


def coded(concept: Concept) -> CodedConcept:
    """Return a concept as highdicom has it."""
    return CodedConcept(concept.code, concept.scheme, concept.meaning)


def _of_classifier(case: Case, photograph: Dataset) -> Group:
    answered = case.analysis.accepted
    group = _group(
        case,
        photograph,
        algorithm_id=_algorithm(case),
        measurements=[*_measurements(case)] if answered else None,
        qualitative_evaluations=[*_evaluations(case)],
    )
    for caution in cautions(case.analysis.reasons):
        _append(group, _text(words.CAUTION, caution.problem))
    _append(group, _text(words.COMMENT, NOTICE if answered else NO_ANSWER))
    return group


def _of_clinician(case: Case, photograph: Dataset, verdict: Verdict) -> Group:
    """Return what a person has said, with who and when."""
    name = words.ASSESSMENT if verdict.kind == ASSESSMENT else words.DIAGNOSIS
    evaluations = [_evaluation(name, CLASSES[verdict.label or ""])]
    if verdict.basis:
        evaluations.append(_evaluation(words.BASIS, words.BASES[verdict.basis]))
    group = _group(case, photograph, qualitative_evaluations=evaluations)
    group[0].ObservationDateTime = f"{verdict.created_at:%Y%m%d%H%M%S}+0000"
    person = PersonObserverIdentifyingAttributes(person_name(verdict.author_name))
    for item in ObserverContext(CodedConcept.from_code(codes.DCM.Person), person):
        _append(group, item)
    if verdict.found_on:
        found = f"{verdict.found_on:%Y%m%d}"
        _append(group, DateContentItem(coded(words.FOUND_ON), found, RelationshipTypeValues.CONTAINS))
    if verdict.blind:
        _append(group, _text(words.COMMENT, BLIND))
    return group


def _group(case: Case, photograph: Dataset, **content: object) -> Group:
    side = None if case.left is None else coded(LEFT if case.left else RIGHT)
    return Group(
        tracking_identifier=TrackingIdentifier(uid_of(case.tracked.reference), case.tracked.name),
        finding_type=coded(words.LESION),
        finding_sites=[FindingSite(coded(case.site or SKIN), laterality=side)],
        source_images=[SourceImageForMeasurementGroup(photograph.SOPClassUID, photograph.SOPInstanceUID)],
        **content,  # type: ignore[arg-type]  # what the two kinds of group add
    )


def _algorithm(case: Case) -> AlgorithmIdentification:
    analysis = case.analysis
    return AlgorithmIdentification(
        name=case.card.title if case.card else analysis.model_name,
        version=analysis.model_version,
        parameters=[f"Classifier {analysis.model_name}"],
        family=coded(words.ARTIFICIAL_INTELLIGENCE),
        manufacturer=MANUFACTURER,
    )


def _measurements(case: Case) -> Iterator[Measurement]:
    """Yield the probability of each class with the code of the class, then what is made of them."""
    analysis = case.analysis
    for label in case.labels:
        probability = _share(words.probability_of(label.code), analysis.probabilities[label.code])
        of_class = CodeContentItem(
            coded(words.FINDING), coded(CLASSES[label.code]), RelationshipTypeValues.HAS_CONCEPT_MOD
        )
        _append(probability, of_class)
        yield probability
    yield _share(words.MALIGNANCY, analysis.malignancy)
    if analysis.threshold is not None:
        yield _share(words.THRESHOLD, analysis.threshold)


def _evaluations(case: Case) -> Iterator[QualitativeEvaluation]:
    analysis = case.analysis
    if not analysis.accepted:
        yield _evaluation(words.QUALITY, words.REFUSED)
        return
    yield _evaluation(words.QUALITY, words.CAUTIONED if analysis.reasons else words.ACCEPTED)
    yield _evaluation(words.MOST_LIKELY, CLASSES[analysis.label])
    if analysis.threshold is not None:
        yield _evaluation(words.ALERT, words.ABOVE if analysis.malignancy >= analysis.threshold else words.BELOW)


def _append(to: Group | Measurement, item: ContentItem) -> None:
    """Put a further item into a template's own, as templates may be extended."""
    (own,) = to
    if "ContentSequence" not in own:
        own.ContentSequence = ContentSequence()
    own.ContentSequence.append(item)


def _share(name: Concept, value: float) -> Measurement:
    """Return a number in [0, 1], in full."""
    return Measurement(name=coded(name), value=float(value), unit=codes.UCUM.NoUnits)


def _evaluation(name: Concept, value: Concept) -> QualitativeEvaluation:
    return QualitativeEvaluation(coded(name), coded(value))


def _text(name: Concept, said: str) -> TextContentItem:
    return TextContentItem(coded(name), said, RelationshipTypeValues.CONTAINS)
