import struct
import warnings
import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageChops
from pydicom.data import get_testdata_file
from pydicom.pixels import pixel_array
from pydicom.uid import JPEG2000Lossless, JPEGBaseline8Bit, JPEGLossless, JPEGLSLossless, RLELossless

from app.decoding.formats import BARE
from app.decoding.inside.dicom.intake import DISCLOSES
from app.decoding.inside.dicom.pixels import GREY, MISMATCH, NO_PICTURE
from app.decoding.inside.dicom.structure import DAMAGED, HOSTILE
from app.decoding.inside.dicom.syntaxes import PACKED, VIDEO_SENTENCE
from app.decoding.limits import Limits, too_small
from app.errors import RefusedUploadError
from app.upload.inspection import dicom_photograph, inspect
from tests.dicoms import (
    LOSSLESS,
    baseline,
    data_set,
    dicom,
    dicom_of_frames,
    element,
    high_throughput,
    high_throughput_picture,
    raw,
    written,
)
from tests.hostile import LIMITS, SMALL, picture
from tests.pictures import jpeg, lesion_picture, png


def pixels(content, **options):
    return inspect(content, LIMITS, **options).image.tobytes()


def refusal(content, limits=LIMITS, **options):
    with pytest.raises(RefusedUploadError) as refused:
        inspect(content, limits, **options)
    return refused.value.message


PLANES = b"".join(band.tobytes() for band in picture().split())
WIDE = bytes(part for level in picture().tobytes() for part in (0, level))
TWELVE = struct.pack(f"<{len(picture().tobytes())}H", *(level << 4 for level in picture().tobytes()))
PLANES_OF_WORDS = bytes(part for level in PLANES for part in (0, level))


@pytest.mark.parametrize("syntax", LOSSLESS, ids=lambda syntax: syntax.name)
def test_a_photograph_packed_without_loss_is_the_same_as_a_png(syntax):
    safe = inspect(dicom(picture(), syntax), LIMITS)

    assert safe.png == inspect(png(picture()), LIMITS).png


@pytest.mark.parametrize(
    "elements",
    [
        {"PlanarConfiguration": 1, "PixelData": PLANES},
        {"BitsAllocated": 16, "BitsStored": 16, "HighBit": 15, "PixelData": WIDE},
        {"BitsAllocated": 16, "BitsStored": 12, "HighBit": 11, "PixelData": TWELVE},
        {"BitsAllocated": 16, "BitsStored": 16, "HighBit": 15, "PlanarConfiguration": 1, "PixelData": PLANES_OF_WORDS},
        {"NumberOfFrames": "1"},
        {"SOPClassUID": "1.2.840.10008.5.1.4.1.1.77.1.7"},
        {"SOPClassUID": "1.2.840.10008.5.1.4.1.1.7.4"},
    ],
    ids=["by plane", "16 bits", "12 of 16 bits", "16 bits by plane", "one frame", "dermoscopic", "secondary capture"],
)
def test_however_its_samples_lie_a_photograph_is_the_same(elements):
    assert pixels(dicom(**elements)) == picture().tobytes()


@pytest.mark.parametrize("syntax", [RLELossless, JPEGLSLossless, JPEG2000Lossless], ids=lambda syntax: syntax.name)
def test_samples_of_16_bits_keep_their_upper_eight(syntax):
    wide = {"BitsAllocated": 16, "BitsStored": 16, "HighBit": 15, "PixelData": WIDE}

    assert pixels(dicom(picture(), syntax, **wide)) == picture().tobytes()


def test_high_throughput_jpeg_2000_is_read():
    assert pixels(high_throughput()) == high_throughput_picture().tobytes()


def test_a_jpeg_in_a_file_is_the_same_as_by_itself():
    assert pixels(baseline(picture())) == pixels(jpeg(picture()))


def test_a_jpeg_that_has_lost_its_marker_on_the_way_into_a_file_is_the_same_as_by_itself():
    whole = jpeg(picture())
    unmarked = whole[:2] + whole[4 + int.from_bytes(whole[4:6], "big") :]

    content = dicom_of_frames(unmarked, syntax=JPEGBaseline8Bit, PhotometricInterpretation="YBR_FULL_422")

    assert b"JFIF" not in content
    assert pixels(content) == pixels(whole)


def test_a_jpeg_of_rgb_samples_is_not_taken_for_another_colour_space():
    plain = jpeg(picture(), keep_rgb=True)
    adobe = plain.index(b"\xff\xee")
    unmarked = plain[:adobe] + plain[adobe + 2 + int.from_bytes(plain[adobe + 2 : adobe + 4], "big") :]
    unnamed = unmarked.replace(b"R\x11\x00G\x11\x00B\x11\x00", b"\1\x11\0\2\x11\0\3\x11\0").replace(
        b"\x03R\x00G\x00B\x00", b"\3\1\0\2\0\3\0"
    )

    assert pixels(dicom_of_frames(unnamed, syntax=JPEGBaseline8Bit)) == pixels(plain)


def test_colours_by_number_are_looked_up():
    numbers = picture().quantize(200)
    colours = numbers.getpalette()
    tables = {
        f"{name}PaletteColorLookupTable{part}": value
        for name, levels in zip(("Red", "Green", "Blue"), (colours[0::3], colours[1::3], colours[2::3]), strict=True)
        for part, value in (
            ("Descriptor", [len(levels), 0, 16]),
            ("Data", struct.pack(f"<{len(levels)}H", *(level * 257 for level in levels))),
        )
    }
    one = {"SamplesPerPixel": 1, "PhotometricInterpretation": "PALETTE COLOR", "PlanarConfiguration": None}

    assert pixels(dicom(PixelData=numbers.tobytes(), **one, **tables)) == numbers.convert("RGB").tobytes()


def test_brightness_and_colour_are_put_together():
    luma = picture().convert("YCbCr")

    assert pixels(dicom(luma, PhotometricInterpretation="YBR_FULL")) == luma.convert("RGB").tobytes()


def test_a_colour_profile_is_applied_as_to_other_photographs():
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

    content = dicom(ICCProfile=profile)

    assert pixels(content) == pixels(png(picture(), icc_profile=profile))


MADE_BY_OTHERS = (
    "SC_jpeg_no_color_transform.dcm", "SC_jpeg_no_color_transform_2.dcm", "SC_rgb_dcmtk_+eb+cr.dcm",
    "SC_rgb_dcmtk_+eb+cy+n1.dcm", "SC_rgb_dcmtk_+eb+cy+np.dcm", "SC_rgb_dcmtk_+eb+cy+s2.dcm",
    "SC_rgb_dcmtk_+eb+cy+s4.dcm", "SC_rgb_gdcm_KY.dcm", "SC_rgb_jls_lossy_line.dcm", "SC_rgb_jls_lossy_sample.dcm",
    "SC_rgb_jpeg_app14_dcmd.dcm", "SC_rgb_jpeg_gdcm.dcm", "SC_rgb_jpeg_lossy_gdcm.dcm",
    "SC_rgb_rle.dcm", "SC_rgb_rle_2frame.dcm", "SC_ybr_full_422_uncompressed.dcm", "examples_jpeg2k.dcm",
    "examples_rgb_color.dcm", "examples_ybr_color.dcm",
)  # fmt: skip


@pytest.mark.parametrize("name", MADE_BY_OTHERS)
def test_a_picture_of_pydicoms_own_files_is_what_pydicom_decodes(name):
    path = Path(get_testdata_file(name))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some of them are wrong on purpose
        theirs = Image.fromarray(pixel_array(path, index=0))

    ours = inspect(path.read_bytes(), LIMITS, index=0).image

    assert max(high for _, high in ImageChops.difference(ours, theirs).getextrema()) <= 1


def test_of_several_pictures_one_has_to_be_chosen():
    images = [lesion_picture(seed, SMALL) for seed in range(3)]
    content = baseline(*images)

    assert "holds 3 pictures" in refusal(content)
    assert [pixels(content, index=index) for index in range(3)] == [pixels(jpeg(image)) for image in images]
    assert "no such picture" in refusal(content, index=3)
    assert "no such picture" in refusal(content, index=-1)


@pytest.mark.parametrize("element", ["BurnedInAnnotation", "RecognizableVisualFeatures"])
def test_what_could_name_the_patient_has_to_be_looked_at(element):
    content = dicom(**{element: "YES"})

    assert refusal(content) == DISCLOSES
    assert pixels(content, confirmed=True) == picture().tobytes()


def test_pixels_alone_are_the_same_picture_and_say_nothing_of_the_patient():
    made = data_set(PatientName="Planted^Jane", InstitutionName="Planted", BurnedInAnnotation="YES")
    made.private_block(0x0011, "PLANTED", create=True).add_new(1, "LO", "Planted")
    made.add_new(0x60000010, "US", 8)
    made.add_new(0x60003000, "OW", b"Planted!")

    alone = dicom_photograph(written(made), LIMITS).pixels_alone()

    assert b"lanted" not in alone
    assert b"LANTED" not in alone
    assert pixels(alone) == picture().tobytes()


@pytest.mark.parametrize("syntax", LOSSLESS, ids=lambda syntax: syntax.name)
def test_pixels_alone_can_be_read_in_every_syntax(syntax):
    alone = dicom_photograph(dicom(picture(), syntax, PatientName="Planted"), LIMITS).pixels_alone()

    assert pixels(alone) == picture().tobytes()
    assert b"Planted" not in alone


def deflated(body):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return raw(packer.compress(body) + packer.flush(), syntax="1.2.840.10008.1.2.1.99")


def nested(depth):
    opened = struct.pack("<HH2sxxI", 0x0040, 0xA730, b"SQ", 0xFFFFFFFF) + struct.pack(
        "<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF
    )
    return opened * depth + struct.pack("<HHIHHI", 0xFFFE, 0xE00D, 0, 0xFFFE, 0xE0DD, 0) * depth


WHOLE = dicom()
LOSSLESS_JPEG = dicom(picture(), JPEGLossless)
START = LOSSLESS_JPEG.index(b"\xff\xc3") + 5  # height and width, as the JPEG itself says
BARE_SET = WHOLE[132 + WHOLE[132:].index(b"\x08\x00\x05\x00") :]
MONOCHROME = {"SamplesPerPixel": 1, "PlanarConfiguration": None, "PixelData": bytes(96 * 80)}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (dicom(PhotometricInterpretation="MONOCHROME2", **MONOCHROME), GREY),
        (dicom(PhotometricInterpretation="CMYK"), PACKED),
        (dicom(PhotometricInterpretation="YBR_PARTIAL_422"), PACKED),
        (dicom(PixelRepresentation=1), PACKED),
        (dicom(BitsStored=4), PACKED),
        (dicom(Rows=0), DAMAGED),
        (dicom(Rows=None), DAMAGED),
        (dicom(NumberOfFrames="0"), DAMAGED),
        (dicom(NumberOfFrames="2"), MISMATCH),
        (dicom(NumberOfFrames="99999"), DAMAGED),
        (dicom(Rows=79), MISMATCH),
        (dicom(Rows=81), MISMATCH),
        (dicom(Rows=60000, Columns=60000), LIMITS.too_many_pixels),
        (dicom(picture((63, 80))), too_small(63, 80)),
        (dicom_of_frames(b"ab", syntax=JPEGBaseline8Bit, Rows=80, Columns=96), DAMAGED),
        (dicom_of_frames(jpeg(picture())[:900], syntax=JPEGBaseline8Bit), DAMAGED),
        (dicom_of_frames(jpeg(picture((96, 96))), syntax=JPEGBaseline8Bit), MISMATCH),
        (dicom_of_frames(jpeg(picture().convert("L")), syntax=JPEGBaseline8Bit), MISMATCH),
        (dicom_of_frames(bytes(64), syntax=RLELossless), DAMAGED),
        (dicom_of_frames(struct.pack("<16I", 3, 64, 66, 68, *[0] * 12) + b"\x81\0" * 9, syntax=RLELossless), DAMAGED),
        (LOSSLESS_JPEG[:START] + struct.pack(">HH", 60000, 60000) + LOSSLESS_JPEG[START + 4 :], MISMATCH),
        (WHOLE[:-1], DAMAGED),
        (WHOLE[:400], DAMAGED),
        (WHOLE[:140], DAMAGED),
        (bytes(128) + b"DICM", DAMAGED),
        (bytes(128) + b"DICM" + bytes(64), DAMAGED),
        (raw(element(0x0010_0010, b"PN", b"Roe^Jane")), NO_PICTURE),
        (raw(element(0x0010_0010, b"PN", b"Roe^Jane"), syntax="1.2.840.10008.1.2.4.102"), VIDEO_SENTENCE),
        (raw(element(0x0010_0010, b"PN", b"Roe^Jane"), syntax="1.2.3.4"), PACKED),
        (raw(nested(40)), HOSTILE),
        (raw(nested(60000)), HOSTILE),
        (raw(element(0x0011_1001, b"LO", b"") * 60000), HOSTILE),
        (deflated(bytes(70_000_000)), HOSTILE),
        (deflated(b"")[:-1], DAMAGED),
        (BARE_SET, BARE),
    ],
)  # fmt: skip
def test_what_is_no_sound_colour_photograph_is_refused_in_a_sentence(content, sentence):
    assert refusal(content) == sentence


def test_a_file_above_the_limit_is_not_looked_at():
    limits = Limits(megabytes=1)

    assert refusal(WHOLE.ljust(limits.bytes + 1, b"\0"), limits) == limits.too_large


def test_the_network_sees_the_same_as_of_a_png(classifiers):
    from models.prediction import Frame

    one, other = (inspect(content, LIMITS).image for content in (dicom(), png(picture())))

    answers = [classifiers["mobilenetv2-ham7"].predict(image, Frame.centred(*image.size)) for image in (one, other)]
    assert answers[0] == answers[1]
