"""The structured report of an analysis (PS3.16, TID 1500) as a Comprehensive SR (PS3.3, A.35.3).

The content is highdicom's; around it stands what our other objects have, for highdicom's own class of such documents
reads descriptions of all modules first, which take 65 MB and half a second, and says that we are the camera.
"""

from __future__ import annotations

import hashlib
import json

from highdicom.sr import (
    CodedConcept,
    DeviceObserverIdentifyingAttributes,
    LanguageOfContentItemAndDescendants,
    MeasurementReport,
    ObservationContext,
    ObserverContext,
)
from highdicom.sr.utils import collect_evidence
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes
from pydicom.uid import ComprehensiveSRStorage

from app.interop.codes import OWN
from app.interop.dicom import words
from app.interop.dicom.findings import coded, groups
from app.interop.dicom.headers import Object, header
from app.interop.dicom.records import Case
from app.interop.dicom.uids import uid_of
from app.product import MANUFACTURER, VERSION

REPORT = "report"


def structured_report(case: Case, photograph: Dataset) -> Dataset:
    """Return what is said of a photograph, which is that of `photograph`.

    What says something else is another object: with a verdict that came later, another one of the same series.
    """
    content = _content(case, photograph)
    digest = hashlib.sha256(json.dumps(content[0].to_json_dict(), sort_keys=True).encode()).hexdigest()
    this = Object(
        name=f"{REPORT}-{case.nature.code}",
        version=digest,
        sop_class=ComprehensiveSRStorage,
        modality="SR",
        series_number=3,
        description="Structured report",
        made_at=max([case.taken, *(verdict.created_at for verdict in case.verdicts)]),
    )
    dataset = header(case, this)
    dataset.update(content[0])
    dataset.CompletionFlag, dataset.PreliminaryFlag, dataset.VerificationFlag = "COMPLETE", "PRELIMINARY", "UNVERIFIED"
    dataset.PerformedProcedureCodeSequence = []
    dataset.ReferencedPerformedProcedureStepSequence = []
    evidence, _ = collect_evidence([photograph], content[0], study_instance_uid=photograph.StudyInstanceUID)
    dataset.CurrentRequestedProcedureEvidenceSequence = evidence
    dataset.CodingSchemeIdentificationSequence = [_own_codes()]
    return dataset


def _content(case: Case, photograph: Dataset) -> MeasurementReport:
    return MeasurementReport(
        observation_context=ObservationContext(observer_device_context=_program()),
        procedure_reported=coded(words.DERMOSCOPY if case.nature.dermoscopic else words.PHOTOGRAPHY),
        imaging_measurements=groups(case, photograph),
        language_of_content_item_and_descendants=LanguageOfContentItemAndDescendants(coded(words.BRITISH)),
    )


def _program() -> ObserverContext:
    device = DeviceObserverIdentifyingAttributes(
        uid_of("device"), name=MANUFACTURER, manufacturer_name=MANUFACTURER, model_name=f"{MANUFACTURER} {VERSION}"
    )
    return ObserverContext(CodedConcept.from_code(codes.DCM.Device), device)


def _own_codes() -> Dataset:
    """Say whose the codes are that belong to no standard."""
    item = Dataset()
    item.CodingSchemeDesignator = OWN
    item.CodingSchemeName = "Codes of Lentigo"
    item.CodingSchemeResponsibleOrganization = MANUFACTURER
    return item
