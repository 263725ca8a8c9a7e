"""The objects that an analysis is exported as: valid, and saying what the record says."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from functools import partial

import pydicom
import pytest
from flask import Flask
from PIL import Image
from pydicom.dataset import Dataset
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.decoding.limits import Limits
from app.errors import DamagedFileError, NotFoundError
from app.interop.codes import Concept
from app.interop.dicom import words
from app.interop.dicom.export import ALL, HEAT_MAP, PHOTOGRAPH, REPORT, export_of
from app.interop.dicom.records import Nature
from app.interop.dicom.services import say
from app.interop.dicom.text import person_name
from app.results.tables import Analysis
from app.results.verdicts import services as verdicts
from app.results.verdicts.blind import ConcealedError
from app.results.verdicts.tables import ASSESSMENT, DIAGNOSIS
from app.storage import Storage
from app.upload.inspection import dicom_photograph, inspect
from models.labels import BINARY, HAM7
from tests.factories import make_lesion, make_patient
from tests.interop.made import SIZE, make_photographed

Complaints = Callable[[bytes], list[str]]
Export = Callable[..., bytes]
Make = Callable[..., Analysis]


@pytest.fixture
def photographed(session: Session, owner: User, storage: Storage) -> Make:
    return partial(make_photographed, session, owner, storage)


@pytest.fixture
def analysis(photographed: Make) -> Analysis:
    return photographed()


@pytest.fixture
def everything(session: Session, owner: User, photographed: Make) -> Analysis:
    """An analysis of a lesion on the left, with both verdicts."""
    patient = make_patient(session, owner, name="Sørensen, Ingrid", birth_year=1972)
    lesion = make_lesion(session, patient, site="back", side="back", x=0.2, y=0.2)
    analysis = photographed(patient_id=patient.id, lesion_id=lesion.id, patient_name=patient.name)
    verdicts.give(session, analysis, author=owner, kind=ASSESSMENT, label="mel")
    verdicts.give(session, analysis, author=owner, kind=DIAGNOSIS, label="nv", basis="histology")
    session.commit()
    return analysis


@pytest.fixture
def export(app: Flask, session: Session, owner: User, storage: Storage) -> Iterator[Export]:
    def exported(analysis: Analysis, kind: str = ALL) -> bytes:
        settings = app.config["SETTINGS"]
        return export_of(session, storage, user=owner, analysis=analysis, kind=kind, settings=settings)

    with app.test_request_context():
        yield exported


def entries(archive: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def read(file: bytes) -> Dataset:
    return pydicom.dcmread(io.BytesIO(file))


def said_in(report: Dataset) -> list[str]:
    """Write the content of a report as lines, name and value, in its order."""
    lines = []

    def walk(items: list[Dataset]) -> None:
        for item in items:
            name = item.ConceptNameCodeSequence[0].CodeMeaning if "ConceptNameCodeSequence" in item else "?"
            lines.append(f"{name}: {value_of(item)}")
            walk(item.get("ContentSequence", []))

    walk(report.ContentSequence)
    return lines


def value_of(item: Dataset) -> str:
    match item.ValueType:
        case "NUM":
            measured = item.MeasuredValueSequence[0]
            return f"{measured.FloatingPointValue!r} {measured.MeasurementUnitsCodeSequence[0].CodeValue}"
        case "CODE":
            return f"{item.ConceptCodeSequence[0].CodeMeaning} ({item.ConceptCodeSequence[0].CodingSchemeDesignator})"
        case "TEXT":
            return str(item.TextValue)
        case "PNAME":
            return str(item.PersonName)
        case "IMAGE":
            return str(item.ReferencedSOPSequence[0].ReferencedSOPInstanceUID)
        case _:
            return str(item.ValueType)


REFUSED = {"accepted": False, "reasons": ["unfamiliar"]}
SIDES = {
    "model_name": "resnet50-binary",
    "label": "benign",
    "probabilities": dict.fromkeys(BINARY.codes, 0.5),
    "threshold": None,
}


def test_what_is_exported_can_be_taken_in_again(
    everything: Analysis, export: Export, session: Session, storage: Storage
) -> None:
    photograph = dicom_photograph(export(everything, PHOTOGRAPH), Limits())

    facts = photograph.facts
    kept = inspect(storage.get(everything.photograph_key), Limits())
    assert inspect(photograph.content, Limits()).image.tobytes() == kept.image.tobytes()
    assert (facts.name, facts.sex, facts.body_site) == ("Ingrid Sørensen", everything.sex, everything.body_site)
    assert facts.side == "left"


@pytest.mark.parametrize("nature", [Nature(), Nature(dermoscopic=True), Nature(dermoscopic=True, anonymous=True)])
def test_a_validator_finds_no_fault_with_any_object(
    session: Session, export: Export, complaints: Complaints, everything: Analysis, nature: Nature
) -> None:
    say(session, everything, nature)

    files = entries(export(everything))

    assert list(files) == ["DICOMDIR", "DICOM/PHOTO", "DICOM/HEATMAP", "DICOM/REPORT"]
    assert {name: complaints(file) for name, file in files.items()} == {name: [] for name in files}


@pytest.mark.parametrize("columns", [REFUSED, SIDES, {"age": None, "sex": None, "body_site": None}])
def test_nor_with_those_that_say_little(
    export: Export, complaints: Complaints, photographed: Make, columns: dict[str, object]
) -> None:
    analysis = photographed(**columns)

    files = entries(export(analysis))

    assert {name: complaints(file) for name, file in files.items()} == {name: [] for name in files}


def test_the_validator_is_heard(analysis: Analysis, export: Export, complaints: Complaints) -> None:
    broken = read(export(analysis, PHOTOGRAPH))
    del broken.Rows
    file = io.BytesIO()
    broken.save_as(file, enforce_file_format=True)

    assert any("Rows" in complaint for complaint in complaints(file.getvalue()))


def test_the_exported_pixels_are_those_of_the_stored_photograph(
    analysis: Analysis, export: Export, storage: Storage
) -> None:
    exported = read(export(analysis, PHOTOGRAPH))

    with Image.open(io.BytesIO(storage.get(analysis.photograph_key))) as photograph:
        assert exported.pixel_array.tobytes() == photograph.convert("RGB").tobytes()
    assert (exported.Columns, exported.Rows) == SIZE
    assert exported.file_meta.TransferSyntaxUID == pydicom.uid.ExplicitVRLittleEndian
    assert len(exported.PixelData) % 2 == 0


def test_exporting_twice_gives_the_same_bytes(export: Export, everything: Analysis) -> None:
    assert export(everything) == export(everything)


def test_all_objects_are_of_one_study_and_refer_to_the_photograph(export: Export, everything: Analysis) -> None:
    photograph, heat_map, report = (read(export(everything, kind)) for kind in (PHOTOGRAPH, HEAT_MAP, REPORT))

    assert len({each.StudyInstanceUID for each in (photograph, heat_map, report)}) == 1
    assert len({each.SeriesInstanceUID for each in (photograph, heat_map, report)}) == 3
    assert heat_map.SourceImageSequence[0].ReferencedSOPInstanceUID == photograph.SOPInstanceUID
    assert f"Source of Measurement: {photograph.SOPInstanceUID}" in said_in(report)
    assert photograph.StudyInstanceUID.startswith("2.25.")


def test_what_is_known_of_the_patient_is_said_and_nothing_invented(export: Export, everything: Analysis) -> None:
    photograph = read(export(everything, PHOTOGRAPH))

    assert photograph.SpecificCharacterSet == "ISO_IR 192"
    assert (photograph.PatientName, photograph.PatientSex, photograph.PatientAge) == ("Sørensen^Ingrid", "F", "054Y")
    assert photograph.PatientBirthDate == ""  # a year of birth is no date
    assert photograph.AnatomicRegionSequence[0].CodeValue == "66643007"
    assert photograph.ImageLaterality == "L"
    assert photograph.TimezoneOffsetFromUTC == "+0000"
    assert photograph.StudyDate == f"{everything.created_at:%Y%m%d}"
    assert photograph.LossyImageCompression == ""  # how the photograph came is not kept


def test_tests_that_are_nobodys_yet_are_not_taken_for_one_patients(export: Export, photographed: Make) -> None:
    first, second = (photographed() for _ in range(2))

    references = {read(export(analysis, PHOTOGRAPH)).PatientID for analysis in (first, second)}

    assert references == {f"test-{first.public_id}", f"test-{second.public_id}"}


def test_a_test_that_is_moved_to_another_patient_is_another_study(
    session: Session, owner: User, export: Export, everything: Analysis
) -> None:
    before = read(export(everything, PHOTOGRAPH))
    everything.patient_id, everything.lesion_id = make_patient(session, owner).id, None
    session.commit()

    after = read(export(everything, PHOTOGRAPH))

    assert before.StudyInstanceUID != after.StudyInstanceUID
    assert before.SOPInstanceUID != after.SOPInstanceUID


def test_a_photograph_is_dermoscopic_only_if_somebody_says_so(
    session: Session, analysis: Analysis, export: Export
) -> None:
    before = read(export(analysis, PHOTOGRAPH))
    say(session, analysis, Nature(dermoscopic=True, anonymous=True))
    after = read(export(analysis, PHOTOGRAPH))
    say(session, analysis, Nature(dermoscopic=True))
    unlooked = read(export(analysis, PHOTOGRAPH))

    assert (before.SOPClassUID.name, before.Modality) == ("VL Photographic Image Storage", "XC")
    assert (after.SOPClassUID.name, after.Modality) == ("Dermoscopic Photography Image Storage", "DMS")
    assert (after.RecognizableVisualFeatures, after.BurnedInAnnotation) == ("NO", "NO")
    assert (unlooked.RecognizableVisualFeatures, "BurnedInAnnotation" in unlooked) == ("YES", False)
    assert before.SOPInstanceUID != after.SOPInstanceUID


def test_photographs_of_one_lesion_are_tracked_as_one(
    session: Session, export: Export, everything: Analysis, photographed: Make
) -> None:
    first = everything
    second = photographed(patient_id=first.patient_id, lesion_id=first.lesion_id)
    for analysis in (first, second):
        say(session, analysis, Nature(dermoscopic=True))

    tracked = {read(export(analysis, PHOTOGRAPH)).TrackingUID for analysis in (first, second)}

    assert len(tracked) == 1


def test_the_heat_map_lies_over_the_photograph_with_a_note_below(analysis: Analysis, export: Export) -> None:
    photograph, heat_map = read(export(analysis, PHOTOGRAPH)), read(export(analysis, HEAT_MAP))

    before, after = photograph.pixel_array, heat_map.pixel_array[: photograph.Rows]
    assert heat_map.Rows > photograph.Rows
    assert heat_map.ImageType == ["DERIVED", "SECONDARY"]
    assert heat_map.BurnedInAnnotation == "YES"
    assert "not a diagnosis" in heat_map.DerivationDescription
    assert (before[:, :38] == after[:, :38]).all()  # beside the framed square
    assert (before[100:110, 140:160] != after[100:110, 140:160]).any()
    assert heat_map.pixel_array[photograph.Rows :].min() == 0  # ink


def test_the_report_says_what_the_classifier_answered_in_full(export: Export, photographed: Make) -> None:
    probabilities = {"akiec": 0.1, "bcc": 0.0123456789012, "bkl": 0.1, "df": 0.1, "mel": 0.3, "nv": 1 / 3, "vasc": 0.05}
    analysis = photographed(probabilities=probabilities, malignancy=0.4123456789012, reasons=["dark"])

    said = said_in(read(export(analysis, REPORT)))

    assert f"Probability: Melanocytic nevus of skin: {1 / 3!r} 1" in said
    assert "Probability: Basal cell carcinoma of skin: 0.0123456789012 1" in said
    assert "Summed probability of the malignant classes: 0.4123456789012 1" in said
    assert "Alert threshold of the sum, for a sensitivity of 95 %: 0.12 1" in said
    assert "Summed probability compared with its alert threshold: At or above the alert threshold (99LENTIGO)" in said
    assert "Most likely class of the classifier: Melanocytic nevus of skin (SCT)" in said
    assert "Quality Assessment: Photograph accepted with cautions (99LENTIGO)" in said
    assert "Caution about the photograph: The photograph is too dark." in said
    assert {"Algorithm Name: MobileNetV2", "Algorithm Version: 1.0.0"} <= set(said)
    assert any("not a diagnosis" in line for line in said)


def test_the_report_says_what_the_clinician_said_and_who_that_is(export: Export, everything: Analysis) -> None:
    said = said_in(read(export(everything, REPORT)))

    assert "Clinician's own assessment: Malignant melanoma of skin (SCT)" in said
    assert "Confirmed diagnosis: Melanocytic nevus of skin (SCT)" in said
    assert "How the diagnosis was confirmed: Histology (SCT)" in said
    assert said.count("Person Observer Name: Ada Berg^") == 2
    assert "Laterality: Left (SCT)" in said


def test_a_later_verdict_is_another_report_of_the_same_series(
    session: Session, owner: User, export: Export, everything: Analysis
) -> None:
    before = read(export(everything, REPORT))
    verdicts.give(session, everything, author=owner, kind=ASSESSMENT, label="bcc")
    session.commit()

    after = read(export(everything, REPORT))

    assert before.SeriesInstanceUID == after.SeriesInstanceUID
    assert before.SOPInstanceUID != after.SOPInstanceUID


def test_every_concept_of_a_report_fits_where_it_is_written() -> None:
    concepts = [each for each in vars(words).values() if isinstance(each, Concept)]
    concepts += [*words.BASES.values(), *(words.probability_of(code) for task in (HAM7, BINARY) for code in task.codes)]

    assert [each for each in concepts if len(each.code) > 16 or len(each.meaning) > 64] == []
    assert len({(each.scheme, each.code) for each in concepts}) == len(concepts)


def test_a_refused_photograph_is_said_to_have_no_answer(export: Export, photographed: Make) -> None:
    analysis = photographed(**REFUSED)

    said = said_in(read(export(analysis, REPORT)))

    assert list(entries(export(analysis))) == ["DICOMDIR", "DICOM/PHOTO", "DICOM/REPORT"]
    assert "Quality Assessment: Photograph not accepted: no answer (99LENTIGO)" in said
    assert not [line for line in said if line.startswith(("Probability", "Summed", "Most likely"))]
    assert any("This is no all-clear." in line for line in said)
    with pytest.raises(NotFoundError, match="was not accepted"):
        export(analysis, HEAT_MAP)


def test_a_concealed_answer_is_in_no_file(session: Session, owner: User, analysis: Analysis, export: Export) -> None:
    owner.blind = True
    session.commit()

    files = entries(export(analysis))

    assert list(files) == ["DICOMDIR", "DICOM/PHOTO"]
    for kind in (HEAT_MAP, REPORT):
        with pytest.raises(ConcealedError):
            export(analysis, kind)


def test_the_directory_leads_to_the_files(export: Export, everything: Analysis) -> None:
    files = entries(export(everything))

    directory = read(files["DICOMDIR"])
    records = {record.seq_item_tell: record for record in directory.DirectoryRecordSequence}
    patient = records[directory.OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity]
    study = records[patient.OffsetOfReferencedLowerLevelDirectoryEntity]
    series = [records[study.OffsetOfReferencedLowerLevelDirectoryEntity]]
    while following := series[-1].OffsetOfTheNextDirectoryRecord:
        series.append(records[following])
    leaves = [records[each.OffsetOfReferencedLowerLevelDirectoryEntity] for each in series]
    named = {"/".join(leaf.ReferencedFileID): leaf.ReferencedSOPInstanceUIDInFile for leaf in leaves}
    assert (patient.PatientName, study.DirectoryRecordType) == ("Sørensen^Ingrid", "STUDY")
    assert [each.Modality for each in series] == ["XC", "OT", "SR"]
    assert named == {name: read(file).SOPInstanceUID for name, file in files.items() if name != "DICOMDIR"}


def test_a_photograph_that_was_changed_in_storage_is_not_exported(
    analysis: Analysis, export: Export, storage: Storage
) -> None:
    storage.put(analysis.photograph_key, b"another")

    with pytest.raises(DamagedFileError):
        export(analysis)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Sørensen, Ingrid", "Sørensen^Ingrid"),
        ("Ingrid Sørensen", "Ingrid Sørensen^"),
        ("P-0042", "P-0042^"),
        ("A^B=C\\D", "A B C D^"),
        ("\N{ARABIC LETTER MEEM}\N{ZERO WIDTH NON-JOINER}\tB", "\N{ARABIC LETTER MEEM}\N{ZERO WIDTH NON-JOINER} B^"),
        ("\N{HANGUL SYLLABLE GIM}" * 100, "\N{HANGUL SYLLABLE GIM}" * 63 + "^"),
    ],
)
def test_a_name_is_split_only_where_a_comma_says_how(name: str, written: str) -> None:
    assert person_name(name) == written
