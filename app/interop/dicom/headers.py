"""What every object of an export says alike: patient, study, series, equipment (PS3.3, C.7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian

from app.encrypted import required
from app.interop.dicom.identifiers import instance_uid, series_uid, study_uid
from app.interop.dicom.records import Case
from app.interop.dicom.text import LONG, SHORT, line, person_name
from app.interop.dicom.uids import uid_of
from app.product import MANUFACTURER, VERSION

SEXES = {"female": "F", "male": "M"}
NO_SERIAL_NUMBER = "none"  # a program has none, and enhanced equipment must say something
IMPLEMENTATION = uid_of("implementation")


@dataclass(frozen=True, slots=True)
class Object:
    """Which object of an export this is: `name` tells its series from the others of the study.

    `version` tells it from other objects of the series, which say something else.
    """

    name: str
    sop_class: str
    modality: str
    series_number: int
    description: str
    made_at: datetime
    version: str = ""


def header(case: Case, this: Object) -> Dataset:
    """Return an object with all but what it is for."""
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.TimezoneOffsetFromUTC = "+0000"
    dataset.SOPClassUID = this.sop_class
    dataset.SOPInstanceUID = instance_uid(case, this.name, this.version)
    _patient(dataset, case)
    _study(dataset, case)
    _series(dataset, case, this)
    _equipment(dataset, case)
    dataset.InstanceNumber = 1
    dataset.ContentDate, dataset.ContentTime = day(this.made_at), time(this.made_at)
    dataset.file_meta = file_meta(dataset)
    return dataset


def file_meta(dataset: Dataset) -> FileMetaDataset:
    """Return what stands before an object in a file."""
    meta = FileMetaDataset()
    meta.FileMetaInformationVersion = b"\x00\x01"
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = UID(IMPLEMENTATION)
    meta.ImplementationVersionName = f"LENTIGO_{VERSION}"
    return meta


def day(moment: datetime) -> str:
    """Write the day of a moment, UTC."""
    return f"{moment:%Y%m%d}"


def time(moment: datetime) -> str:
    """Write the time of a moment, UTC."""
    return f"{moment:%H%M%S}"


def _patient(dataset: Dataset, case: Case) -> None:
    """Say who it is; a year is no date of birth, so that there is none."""
    dataset.PatientName = person_name(required(case.analysis.patient_name))
    dataset.PatientID = case.patient
    dataset.IssuerOfPatientID = MANUFACTURER
    dataset.PatientBirthDate = ""
    dataset.PatientSex = SEXES.get(case.analysis.sex or "", "")
    if case.analysis.age is not None:
        dataset.PatientAge = f"{case.analysis.age:03d}Y"


def _study(dataset: Dataset, case: Case) -> None:
    dataset.StudyInstanceUID = study_uid(case)
    dataset.StudyDate, dataset.StudyTime = day(case.taken), time(case.taken)
    dataset.StudyID = case.analysis.public_id[:SHORT]
    dataset.AccessionNumber = ""
    dataset.ReferringPhysicianName = ""
    dataset.StudyDescription = "Photograph of a skin lesion"


def _series(dataset: Dataset, case: Case, this: Object) -> None:
    dataset.SeriesInstanceUID = series_uid(case, this.name)
    dataset.SeriesNumber = this.series_number
    dataset.Modality = this.modality
    dataset.SeriesDescription = this.description
    dataset.SeriesDate, dataset.SeriesTime = day(case.taken), time(case.taken)


def _equipment(dataset: Dataset, case: Case) -> None:
    """Name what made the object: the program, for which camera took the photograph is not known."""
    dataset.Manufacturer = MANUFACTURER
    dataset.ManufacturerModelName = MANUFACTURER
    dataset.DeviceSerialNumber = NO_SERIAL_NUMBER
    dataset.SoftwareVersions = VERSION
    dataset.InstitutionName = line(case.clinic, LONG)
