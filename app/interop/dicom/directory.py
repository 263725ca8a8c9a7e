"""The directory of a set of DICOM files, a DICOMDIR (PS3.3, F): one patient, one study, one object in each series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate

from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset
from pydicom.uid import MediaStorageDirectoryStorage

from app.interop.dicom.headers import file_meta
from app.interop.dicom.uids import uid_of

IN_USE = 0xFFFF
ITEM_HEADER = 8  # bytes of an item's tag and length
KEYS = {
    "PATIENT": ("PatientName", "PatientID"),
    "STUDY": ("StudyDate", "StudyTime", "StudyDescription", "StudyInstanceUID", "StudyID", "AccessionNumber"),
    "SERIES": ("Modality", "SeriesInstanceUID", "SeriesNumber"),
    "IMAGE": ("InstanceNumber",),
    "SR DOCUMENT": (
        "InstanceNumber", "CompletionFlag", "VerificationFlag", "ContentDate", "ContentTime", "ConceptNameCodeSequence",
    ),
}  # fmt: skip


def directory_of(files: Mapping[str, Dataset]) -> Dataset:
    """Return the directory of objects by the names of their files, whose parts are separated by slashes."""
    directory = Dataset()
    directory.SOPClassUID = MediaStorageDirectoryStorage
    directory.SOPInstanceUID = uid_of("files", *(dataset.SOPInstanceUID for dataset in files.values()))
    directory.file_meta = file_meta(directory)
    del directory.SOPClassUID, directory.SOPInstanceUID
    directory.FileSetID = "LENTIGO"
    directory.OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity = 0
    directory.OffsetOfTheLastDirectoryRecordOfTheRootDirectoryEntity = 0
    directory.FileSetConsistencyFlag = 0
    directory.DirectoryRecordSequence = _records(files)
    _link(directory)
    return directory


def _records(files: Mapping[str, Dataset]) -> list[Dataset]:
    first = next(iter(files.values()))
    records = [_record("PATIENT", first), _record("STUDY", first)]
    for name, dataset in files.items():
        leaf = _record("SR DOCUMENT" if dataset.Modality == "SR" else "IMAGE", dataset)
        leaf.ReferencedFileID = name.split("/")
        leaf.ReferencedSOPClassUIDInFile = dataset.SOPClassUID
        leaf.ReferencedSOPInstanceUIDInFile = dataset.SOPInstanceUID
        leaf.ReferencedTransferSyntaxUIDInFile = dataset.file_meta.TransferSyntaxUID
        records += [_record("SERIES", dataset), leaf]
    return records


def _record(kind: str, dataset: Dataset) -> Dataset:
    record = Dataset()
    record.OffsetOfTheNextDirectoryRecord = 0
    record.RecordInUseFlag = IN_USE
    record.OffsetOfReferencedLowerLevelDirectoryEntity = 0
    record.DirectoryRecordType = kind
    record.SpecificCharacterSet = dataset.SpecificCharacterSet
    for key in KEYS[kind]:
        setattr(record, key, dataset[key].value)
    if kind == "SR DOCUMENT":
        modifiers = [item for item in dataset.ContentSequence if item.RelationshipType == "HAS CONCEPT MOD"]
        record.ContentSequence = modifiers  # of the title: the rest of the content has no place here
    return record


def _link(directory: Dataset) -> None:
    """Write down where in the file each record stands; all lengths are known, as these numbers have a fixed one."""
    patient, study, *rest = records = directory.DirectoryRecordSequence
    offsets = _offsets(directory, records)
    directory.OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity = offsets[0]
    directory.OffsetOfTheLastDirectoryRecordOfTheRootDirectoryEntity = offsets[0]
    patient.OffsetOfReferencedLowerLevelDirectoryEntity = offsets[1]
    study.OffsetOfReferencedLowerLevelDirectoryEntity = offsets[2]
    for number, series in enumerate(rest[::2]):
        series.OffsetOfReferencedLowerLevelDirectoryEntity = offsets[3 + 2 * number]
        if 2 * number + 2 < len(rest):
            series.OffsetOfTheNextDirectoryRecord = offsets[4 + 2 * number]


def _offsets(directory: Dataset, records: Sequence[Dataset]) -> list[int]:
    """Return the places of the records, which are the last bytes of the file, as written."""
    file = DicomBytesIO()
    directory.save_as(file, enforce_file_format=True)
    lengths = [ITEM_HEADER + _length(record) for record in records]
    start = file.tell() - sum(lengths)
    return [*accumulate(lengths[:-1], initial=start)]


def _length(record: Dataset) -> int:
    buffer = DicomBytesIO()
    buffer.is_little_endian, buffer.is_implicit_VR = True, False
    return int(write_dataset(buffer, record, parent_encoding="utf-8"))
