import dataclasses
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import cache

import pytest
from PIL import Image
from pypdf import PdfReader

from app.inference import Frame
from app.results.measurement import Fact
from app.results.report import composed_report
from app.results.report.case import Case, Changed, Course, Line, Opinion, Seen, SimilarCase
from app.results.report.clinic import Clinic
from app.results.report.fonts import REPLACEMENT
from app.results.report.issue import Issue, Signed
from app.results.report.pictures import PRINTED_PX, printed_pictures, small_square
from config import ROOT
from models.labels import BINARY, HAM7
from tests.fakes import CARD, LEARNED_CARD
from tests.pictures import jpeg, lesion_picture, png
from tests.unit.test_report_content import an_analysis

A4_POINTS = (595, 842)


def a_heatmap(px: int = 448) -> bytes:
    layer = Image.new("RGBA", (px, px), (249, 140, 10, 0))
    layer.paste((249, 140, 10, 200), (px // 4, px // 4, 3 * px // 4, 3 * px // 4))
    return png(layer)


HEATMAP = a_heatmap()


@cache
def a_photograph(size: tuple[int, int] = (600, 450)) -> bytes:
    return png(lesion_picture(1, size), compress_level=1)


def report(
    *, size=(600, 450), clinic="St Anna Hospital", card=CARD, labels=HAM7.labels, issue=None, **columns
) -> bytes:
    side = min(size)
    where = {"width": size[0], "height": size[1], "frame_left": 0, "frame_top": 0, "frame_side": side}
    return composed_report(
        an_analysis(**{**where, **columns}),
        photograph=a_photograph(size),
        heatmap=HEATMAP,
        clinic=clinic if isinstance(clinic, Clinic) else Clinic(clinic),
        card=card,
        labels=labels,
    ).drawn(issue)


def pages_of(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]


def text_of(pdf: bytes) -> str:
    """Return all words, without the line breaks that the layout brought in."""
    return " ".join(" ".join(pages_of(pdf)).split())


def test_two_a4_pages_hold_an_ordinary_report_the_answer_on_the_first():
    first, second = PdfReader(io.BytesIO(report(views=8, views_changed=1))).pages

    assert (round(first.mediabox.width), round(first.mediabox.height)) == A4_POINTS
    assert "Probabilities of all classes" in first.extract_text()
    assert "Page 1 of 2" in first.extract_text()
    assert second.extract_text().index("Classifier") < second.extract_text().index("Limits")


def test_it_says_everything_that_a_reader_needs():
    text = text_of(report(note="Grew over the summer.", reasons=["dark"], views=8, views_changed=3))

    for part in (
        "St Anna Hospital", "Ingrid Sørensen", "54 years", "Female", "Lower extremity", "7 March 2026, 14:05 UTC",
        "31 %", "57 %", "Mind the quality", "too dark", "Grew over the summer.", "MobileNetV2, version 1.0.0",
        "84.0 % (82.0 to 86.0)", "0.931 (0.918 to 0.943)", "HAM10000, lesions never seen in training",
        "At the 95 %-sensitivity setting this is: refer", "96 % (93 % to 98 %)", "The answer changed in 3 of 8 views",
        "87 were of all of these together", "Never measured: skin types V and VI",
        "Not a diagnosis", "Not a medical device", "q3Vb0_8aXz-1LmNoPqRsTu", *(label.name for label in HAM7.labels),
    ):  # fmt: skip
        assert part in text.replace("\N{NO-BREAK SPACE}", " "), part


def test_both_readings_fit_on_the_first_page():
    weighed = dict.fromkeys(HAM7.codes, 0.05) | {"bcc": 0.7}

    pages = pages_of(report(card=LEARNED_CARD, age=70, body_site="face", probabilities_with_patient=weighed))

    first = " ".join(pages[0].split()).replace("\N{NO-BREAK SPACE}", " ")
    assert len(pages) == 2
    assert "From the photograph alone melanocytic nevus 57 %, malignancy 31 %" in first
    assert "With age 70 and body site face basal cell carcinoma 70 %, malignancy 80 %" in first
    assert "The most likely class changes, from melanocytic nevus to basal cell carcinoma." in first
    assert "Vascular lesion" in first


def test_of_a_photograph_that_was_not_accepted_it_gives_no_figure_and_no_class():
    text = text_of(report(accepted=False, reasons=["unfamiliar"], views=8, views_changed=5))

    assert "No answer: the photograph was not accepted" in text
    assert "The scores are left out of this report" in text
    assert not any(label.name in text for label in HAM7.labels)
    assert not any(words in text for words in ("31\N{NO-BREAK SPACE}%", "setting this is", "views", "Probabilities"))


def test_the_same_analysis_gives_the_same_bytes():
    assert report(patient_name="Żółć ≥ Ωmega") == report(patient_name="Żółć ≥ Ωmega")


def test_the_same_analysis_gives_the_same_bytes_in_every_process():
    code = (
        "import hashlib; from tests.unit.test_report_pdf import report; "
        "print(hashlib.sha256(report(note='Same.')).hexdigest())"
    )

    other = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"},
    )  # fmt: skip

    assert other.stdout.strip() == hashlib.sha256(report(note="Same.")).hexdigest()


def test_threads_do_not_disturb_each_other():
    names = ["Ödön", "Щукин", "Ἀθηνᾶ", "Nguyễn"]
    alone = [report(patient_name=name) for name in names]

    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(lambda name: report(patient_name=name), names))

    assert together == alone


@pytest.mark.parametrize(
    "name",
    [
        "Łukasz Brzęczyszczykiewicz", "Παπαδόπουλος Γεώργιος", "Ἀθηνᾶ ᾧ", "Щербаков Ёжик", "Їжакевич Ђорђевић",
        "Nguyễn Thị Ngọc Ánh", "Đặng Hữu Phước", "Þórður Ægisson", "İbrahim \u0131ş\u0131k Ğ", "Ștefan Țîrlea",
        "Ǆ ß ẞ ŉ",        "0000-1234/7", "Smith & Sons", "<b>Robert</b>", "</para>", '<img src="file:///etc/passwd"/>',
    ],
)  # fmt: skip
def test_a_name_is_written_as_it_is(name):
    pdf = report(patient_name=name)

    assert name in text_of(pdf)
    assert REPLACEMENT not in text_of(pdf)


def test_decomposed_accents_are_composed():
    assert "Nguyễn" in text_of(report(patient_name="Nguye\u0302\u0303n"))


@pytest.mark.parametrize("name", ["王小明", "محمد", "😀", "\ud800", "A\x00B\u202eC", "\U000f0000", " "])
def test_a_name_that_cannot_be_written_is_no_crash(name):
    assert pages_of(report(patient_name=name))


def test_a_replaced_character_is_explained():
    assert "no letter for" in text_of(report(patient_name="王"))
    assert "no letter for" not in text_of(report())


@pytest.mark.parametrize("name", ["W" * 120, "Щ" * 120, "Anna Maria " * 11, "≥" * 120])
def test_a_very_long_name_wraps(name):
    pages = pages_of(report(patient_name=name))

    assert name.strip().replace(" ", "") in "".join(pages).replace("\n", "").replace(" ", "")
    assert len(pages) <= 2


@pytest.mark.parametrize(
    "note", ["word " * 400, "Z" * 2000, "line\n" * 400, "<b>&</para>" * 181, "≥ 6 → biopsy " * 153]
)
def test_a_note_of_two_thousand_characters_flows_to_the_second_page(note):
    pages = pages_of(report(note=note[:2000], patient_name="Anna Berg", reasons=["dark"]))

    assert len(pages) == 2
    assert "Page 1 of 2" in pages[0]
    assert "Page 2 of 2" in pages[1]
    assert "Anna Berg" in pages[1]


def test_hostile_markup_in_a_note_is_shown_and_not_obeyed():
    note = '<img src="file:///etc/passwd"/> <font size="99">big</font> <a href="http://evil.example">x</a> &lt; </para>'

    pdf = report(note=note, clinic="<i>Clinic</i> & Co")

    assert note in text_of(pdf)
    assert "<i>Clinic</i> & Co" in text_of(pdf)
    assert "/Annots" not in PdfReader(io.BytesIO(pdf)).pages[0]


def test_every_font_is_embedded():
    pdf = PdfReader(io.BytesIO(report(note="≥ 6 mm", patient_name="Щ")))

    fonts = {
        font["/BaseFont"]: "/FontDescriptor" in font and "/FontFile2" in font["/FontDescriptor"]
        for page in pdf.pages
        for font in (reference.get_object() for reference in page["/Resources"]["/Font"].values())
    }

    assert len(fonts) == 3
    assert all(fonts.values()), fonts


def test_the_metadata_tell_nothing_of_the_patient():
    pdf = PdfReader(io.BytesIO(report()))

    assert pdf.metadata.title == "Lentigo report"
    assert pdf.trailer["/Root"]["/Lang"] == "en-GB"
    assert "Ingrid" not in json.dumps({key: str(value) for key, value in pdf.metadata.items()})
    assert pdf.xmp_metadata is None
    assert pdf.metadata.author == ""


@pytest.mark.parametrize("size", [(64, 64), (450, 600), (1400, 64), (64, 1400), (1300, 1300)])
def test_a_photograph_of_any_shape_fits(size):
    pages = PdfReader(io.BytesIO(report(size=size))).pages

    assert len(pages) == 2
    assert len(pages[0].images) == 2


def test_two_classes_are_enough():
    text = text_of(
        report(labels=BINARY.labels, label="benign", probabilities={"benign": 1.0, "malignant": 0.0}, card=None)
    )

    assert "Malignant" in text
    assert not re.search(r"\b100\s%", text)
    assert not re.search(r"(?<![\d.])0\s%", text)


def test_the_pictures_are_reduced_to_what_is_printed():
    photograph, square = printed_pictures(a_photograph((1400, 700)), HEATMAP, Frame(350, 0, 700))

    assert (photograph.width, photograph.height) == (PRINTED_PX, PRINTED_PX // 2)
    assert square.width == square.height == 448


def test_the_heat_map_lies_on_the_framed_square():
    picture = Image.new("RGB", (800, 400), "white")
    picture.paste((0, 0, 255), (400, 0, 800, 400))

    _, square = printed_pictures(png(picture), HEATMAP, Frame(400, 0, 400))

    pixels = Image.open(io.BytesIO(square.jpeg))
    assert pixels.getpixel((10, 10))[2] > 240  # the blue half, bare
    assert pixels.getpixel((10, 10))[0] < 20
    assert pixels.getpixel((224, 224))[0] > 180  # under the map


def test_a_report_is_drawn_quickly():
    photograph, analysis = a_photograph(), an_analysis()
    card = dataclasses.replace(CARD, title="MobileNetV2")
    times = []

    for _ in range(5):
        start = time.process_time()
        report = composed_report(
            analysis, photograph=photograph, heatmap=HEATMAP, clinic=Clinic("C"), card=card, labels=HAM7.labels
        )
        report.drawn()
        times.append(time.process_time() - start)

    assert min(times) < 0.1


SIGNED = Signed("Ada Berg", datetime(2026, 3, 8, 9, 30, tzinfo=UTC))
ISSUE = Issue(
    code="7KQ2-ABCD-EFGH-JKMN-PQRS",
    address="https://lentigo.clinic.example/verify/7KQ2-ABCD-EFGH-JKMN-PQRS",
    version=2,
    issued=SIGNED,
    signed=SIGNED,
    replaces="Amends version 1. Reason: The site was wrong.",
    fingerprints=(Fact("Photograph, SHA-256", "0" * 64),),
)
COURSE = Course(
    lesion="Left shoulder",
    seen=tuple(Seen(f"{day} March 2026", "Melanocytic nevus, malignancy 31 %", this=day == 6) for day in range(1, 7)),
    left_out=3,
    first_day="1 March 2026",
    last_day="6 March 2026",
    lines=tuple(Line(f"Version {n}", ((0.0, 0.1), (0.5, 0.2 * n), (1.0, 0.3)), 0.12) for n in (1, 2, 3, 4)),
    compared="Measured change from 5 March 2026 to this photograph, 1 day later",
    change=tuple(Changed(f"Measure {n}", "1.2 mm", "1.4 mm", "+0.2 mm", "Within the noise: " * 4) for n in range(8)),
    notes=("The photographs differ in their pixels.",),
)
CASE = Case(
    opinions=(Opinion("Own assessment", "Melanoma", "Ada Berg, 7 March 2026", ("Irregular network. " * 40,)),),
    similar=tuple(SimilarCase(f"ISIC_{n}", "Melanoma", "Confirmed by histology", "0.93") for n in range(5)),
    course=COURSE,
)


@cache
def a_full_report(issue: Issue | None = ISSUE) -> bytes:
    square = small_square(jpeg(lesion_picture(3, (400, 300))))
    return composed_report(
        an_analysis(width=2048, height=2048, frame_left=0, frame_top=0, frame_side=2048, note="Pruritic. " * 200),
        photograph=a_photograph((2048, 2048)),
        heatmap=HEATMAP,
        clinic=Clinic("St Anna", ("Harbour Street 12",)),
        card=CARD,
        labels=HAM7.labels,
        case=CASE,
        course=[square] * 6,
        similar=[None, *[square] * 4],
    ).drawn(issue)


def test_a_report_with_everything_and_a_course_takes_four_pages_at_most_and_little_space():
    pdf = a_full_report()

    assert len(pages_of(pdf)) <= 4
    assert len(pdf) < 400_000


def test_a_full_report_has_all_its_fonts_and_is_the_same_each_time():
    fonts = [
        font.get_object()
        for page in PdfReader(io.BytesIO(a_full_report())).pages
        for font in page["/Resources"]["/Font"].values()
    ]

    assert all("/FontFile2" in font["/FontDescriptor"] for font in fonts)
    assert a_full_report() == a_full_report.__wrapped__()


def test_it_says_who_signed_what_it_replaces_and_where_to_verify_it():
    text = text_of(a_full_report())

    for part in (
        "Version 2, signed", "Signed by Ada Berg, 8 March 2026, 09:30 UTC", ISSUE.replaces,
        ISSUE.address, f"Code {ISSUE.code}", "0" * 64, "Not shown: 3 photographs after the first.",
    ):  # fmt: skip
        assert part in text, part
    assert "Working copy" not in text


def test_the_foot_of_each_page_tells_which_report_it_belongs_to():
    assert all(f"Report {ISSUE.code}, version 2. Signed by Ada Berg" in page for page in pages_of(a_full_report()))
    assert all("Working copy, not issued" in page for page in pages_of(a_full_report(None)))


def test_a_page_that_is_not_signed_says_so_and_leaves_room_for_a_hand():
    text = text_of(a_full_report(dataclasses.replace(ISSUE, signed=None)))

    assert "Version 2. Not signed" in text
    assert "Signed by" not in text
