from datetime import date

import pytest
from pydicom.data import get_charset_files
from pydicom.uid import ExplicitVRBigEndian, ImplicitVRLittleEndian

from app.decoding.facts import DicomFacts
from app.decoding.inside.dicom.facts import facts_in
from app.decoding.inside.dicom.regions import PARTS, SITES
from app.decoding.inside.dicom.structure import opened
from app.interop.codes import SITES as CODES
from app.patients.tables import Patient
from app.upload.dicom import words
from app.upload.inspection import dicom_photograph
from models.patient import SITES as WORDS
from tests.dicoms import INGRID, dicom, element, raw, region
from tests.hostile import LIMITS


def facts(**elements):
    return dicom_photograph(dicom(**elements), LIMITS).facts


@pytest.mark.parametrize("syntax", [None, ImplicitVRLittleEndian, ExplicitVRBigEndian])
def test_patient_and_study_are_read(syntax):
    content = dicom(
        **({} if syntax is None else {"syntax": syntax}),
        AnatomicRegionSequence=region("66643007", "SCT", "Skin of back"),
        **INGRID,
    )

    assert dicom_photograph(content, LIMITS).facts == DicomFacts(
        name="Ingrid Sørensen",
        patient_id="4711",
        born=date(1970, 6, 12),
        age=53,
        sex="female",
        body_site="back",
        region="Skin of back",
        side="left",
        taken=date(2024, 5, 3),
        device="Derma Scope 3",
    )


def test_a_file_that_says_nothing_says_nothing():
    assert facts() == DicomFacts()


@pytest.mark.parametrize(
    ("written", "name", "others"),
    [
        ("Roe^Jane", "Jane Roe", ()),
        ("Roe^Jane^Mary^Dr.^MD", "Dr. Jane Mary Roe MD", ()),
        ("Roe", "Roe", ()),
        ("^Jane", "Jane", ()),
        ("  Roe ^ Jane ", "Jane Roe", ()),
        ("Yamada^Tarou=山田^太郎=やまだ^たろう", "Tarou Yamada", ("山田 太郎", "やまだ たろう")),
        ("=山田^太郎", "山田 太郎", ()),
        ("Roe^Jane\u202eeoD", "Jane eoD Roe", ()),
        ("^^^^", None, ()),
        ("", None, ()),
    ],
)
def test_names_are_written_as_they_are_spoken(written, name, others):
    found = facts(PatientName=written)

    assert (found.name, found.other_names) == (name, others)


@pytest.mark.parametrize(
    ("file", "name", "others"),
    [
        ("chrH31.dcm", "Tarou Yamada", ("山田 太郎", "やまだ たろう")),
        ("chrI2.dcm", "Gildong Hong", ("洪 吉洞", "홍 길동")),
        ("chrX1.dcm", "XiaoDong Wang", ("王 小東",)),
        ("chrX2.dcm", "XiaoDong Wang", ("王 小东",)),
        ("chrGerm.dcm", "Rüdiger Äneas", ()),
        ("chrRuss.dcm", "Люкceмбypг", ()),  # noqa: RUF001 - as the file has it
        ("chrGreek.dcm", "Διονυσιος", ()),
    ],
)
def test_names_are_read_in_the_characters_that_the_file_is_written_in(file, name, others):
    with open(get_charset_files(file)[0], "rb") as charset_file:  # noqa: PTH123 - a name
        found = facts_in(opened(charset_file.read(), LIMITS))

    assert (found.name, found.other_names) == (name, others)


@pytest.mark.parametrize(
    ("elements", "age"),
    [
        ({"PatientBirthDate": "19700503", "StudyDate": "20240503"}, 54),
        ({"PatientBirthDate": "19700504", "StudyDate": "20240503"}, 53),
        ({"PatientBirthDate": "19700504", "StudyDate": "20240503", "AcquisitionDate": "20230504"}, 53),
        ({"PatientBirthDate": "19700504", "StudyDate": "20200503", "AcquisitionDateTime": "20240601101500.00"}, 54),
        ({"PatientBirthDate": "19700504", "PatientAge": "053Y"}, 53),
        ({"PatientAge": "018M"}, 1),
        ({"PatientAge": "006W"}, 0),
        ({"PatientAge": "130Y"}, None),
        ({"PatientBirthDate": "20240504", "StudyDate": "20240503"}, None),
        ({"PatientBirthDate": "19700230", "StudyDate": "20240503"}, None),
    ],
)
def test_the_age_is_that_at_the_photograph(elements, age):
    assert facts(**elements).age == age


@pytest.mark.parametrize(
    ("code", "scheme", "site"),
    [
        ("66643007", "SCT", "back"),
        ("T-02450", "SRT", "back"),
        ("73897004", "SCT", "face"),
        ("acral", "99LENTIGO", "acral"),
        ("elbow", "99LENTIGO", None),
        ("66643007", "FMA", None),
        ("39937001", "SCT", None),
    ],
)
def test_a_coded_region_gives_our_word(code, scheme, site):
    found = facts(AnatomicRegionSequence=region(code, scheme, "Somewhere"))

    assert (found.body_site, found.region) == (site, "Somewhere")


def test_an_examined_part_gives_our_word_where_no_region_is_coded():
    assert facts(BodyPartExamined="FOREHEAD").body_site == "face"


def test_regions_are_our_words_and_those_that_we_write_ourselves_are_among_them():
    assert {*SITES.values(), *PARTS.values()} <= set(WORDS)
    for word, concept in CODES.items():
        assert facts(AnatomicRegionSequence=region(concept.code, concept.scheme, "x")).body_site == word


@pytest.mark.parametrize(
    "broken",
    [
        element(0x0010_0010, b"SQ", b"not a sequence"),
        element(0x0010_0030, b"US", b"\1\2"),
        element(0x0010_0040, b"FD", b"odd"),
        element(0x0008_2218, b"SQ", b"\xfe\xff\x00\xe0\xff\xff\xff\xff"),
        element(0x0008_2218, b"LO", b"Back"),
        element(0x0008_0005, b"CS", b"ISO_IR 999\\ISO 2022 IR 87 "),
        element(0x0010_0010, b"PN", b"x" * 60000),
        element(0x0010_1010, b"AS", b"\xff\xfe\xfd\xfc"),
    ],
)
@pytest.mark.filterwarnings("ignore")  # pydicom's, of what is broken
def test_what_can_not_be_read_is_not_said(broken):
    name = element(0x0010_0020, b"LO", b"4711")

    assert facts_in(opened(raw(broken, name), LIMITS)).patient_id in ("4711", None)


def test_nothing_of_a_file_is_logged_or_warned_of(caplog, recwarn, capfd):
    content = dicom(**INGRID).replace(b"19700612", b"Planted1")

    found = dicom_photograph(content, LIMITS).facts

    assert (found.patient_id, found.born) == ("4711", None)
    assert "Planted" not in caplog.text + "".join(capfd.readouterr())
    assert not recwarn.list


ROE = Patient(name="Roe, Jane", sex="female", birth_year=1970)


@pytest.mark.parametrize(
    ("said", "patient", "about"),
    [
        (DicomFacts(name="Jane Roe", sex="female", born=date(1970, 1, 1)), ROE, []),
        (DicomFacts(name="JANE  ROE"), ROE, []),
        (DicomFacts(name="Tarou Yamada", other_names=("Jane Roe",)), ROE, []),
        (DicomFacts(name="Somebody", patient_id="4711"), Patient(name="4711"), []),
        (DicomFacts(), ROE, []),
        (DicomFacts(name="Mary Roe"), ROE, ["Mary Roe"]),
        (DicomFacts(sex="male"), ROE, ["is male"]),
        (DicomFacts(born=date(1971, 1, 1)), ROE, ["born in 1971"]),
        (DicomFacts(name="Mary Roe", sex="male", born=date(1971, 1, 1)), ROE, ["Mary", "male", "1971"]),
        (DicomFacts(name="Mary Roe", burned_in=True, recognisable=True), None, ["written", "recognised"]),
    ],
)
def test_what_contradicts_the_chosen_patient_is_said(said, patient, about):
    doubts = words.doubts(said, patient)

    assert len(doubts) == len(about)
    assert all(word in sentence for word, sentence in zip(about, doubts, strict=True))
