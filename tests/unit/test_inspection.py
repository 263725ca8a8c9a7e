import io
import zlib

import pytest
from PIL import Image, ImageChops, ImageCms, ImageStat

from app.decoding.formats import DAMAGED
from app.decoding.inside.photographs import photograph
from app.decoding.limits import Limits
from app.errors import RefusedUploadError, TooLargeError
from app.inference import Frame, upright_rgb
from app.upload.inspection import inspect
from tests.hostile import (
    LIMITS,
    MARKER,
    PNG_SIGNATURE,
    REFUSED,
    SMALL,
    chunk,
    header,
    metadata,
    picture,
    saved,
    several,
    with_chunk,
    with_segment,
    zipped,
)
from tests.pictures import jpeg, lesion_picture, png

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")

GPS, MAKER, DESCRIPTION, ORIENTATION = 0x8825, 0x010F, 0x010E, 0x0112
TURNED = (  # orientation, and how the camera held the sensor
    (2, Image.Transpose.FLIP_LEFT_RIGHT), (3, Image.Transpose.ROTATE_180), (4, Image.Transpose.FLIP_TOP_BOTTOM),
    (5, Image.Transpose.TRANSPOSE), (6, Image.Transpose.ROTATE_90), (7, Image.Transpose.TRANSVERSE),
    (8, Image.Transpose.ROTATE_270),
)  # fmt: skip


def kept(content):
    """Inspect, and check what holds for every accepted file: the kept PNG is these pixels and nothing else."""
    safe = inspect(content, LIMITS)
    with Image.open(io.BytesIO(safe.png)) as file:
        file.load()
        assert (file.format, file.mode, file.info) == ("PNG", "RGB", {})
        assert ImageChops.difference(file, safe.image).getbbox() is None
    assert chunks(safe.png) == {b"IHDR", b"IDAT", b"IEND"}
    return safe.image


def chunks(whole):
    at, found = 8, set()
    while at < len(whole):
        found.add(whole[at + 4 : at + 8])
        at += 12 + int.from_bytes(whole[at : at + 4], "big")
    return found


def distance(one, other):
    """The mean difference of two pictures, in levels."""
    assert one.size == other.size
    return max(ImageStat.Stat(ImageChops.difference(one, other)).mean)


def with_orientation(image, orientation):
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    return jpeg(image, exif=exif)


@pytest.mark.parametrize("name", REFUSED)
def test_it_refuses_with_one_sentence(name):
    make, sentence = REFUSED[name]

    with pytest.raises(RefusedUploadError) as refusal:
        inspect(make(), LIMITS)

    assert refusal.value.message == sentence
    assert refusal.value.message.endswith(".")


def test_the_collection_of_hostile_files_is_large_enough():
    assert len(REFUSED) >= 40


def test_a_file_that_is_too_large_is_told_apart():
    with pytest.raises(TooLargeError) as refusal:
        inspect(bytes(LIMITS.bytes + 1), LIMITS)

    assert refusal.value.status == 413


def test_a_file_of_exactly_the_limit_is_read():
    content = jpeg(picture())

    image = kept(content + bytes(LIMITS.bytes - len(content)))

    assert image.size == SMALL


def test_a_photograph_of_exactly_the_pixel_limit_is_read():
    image = inspect(png(Image.new("1", (1000, 1000))), Limits(megapixels=1)).image

    assert image.size == (1000, 1000)


def test_a_photograph_of_exactly_the_shortest_side_is_read():
    assert kept(png(picture((64, 64)))).size == (64, 64)


def test_a_png_keeps_every_pixel():
    assert distance(kept(png(picture())), picture()) == 0


def test_a_jpeg_is_kept_as_it_decodes():
    content = jpeg(picture())

    assert distance(kept(content), Image.open(io.BytesIO(content))) == 0


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA"])
def test_it_reads_every_kind_of_png(mode):
    image = picture().convert(mode)

    assert distance(kept(png(image)), image.convert("RGB")) == 0


def test_it_reads_a_16_bit_grey_png():
    grey = picture().convert("L")
    deep = grey.convert("I").point(lambda level: level * 257).convert("I;16")

    assert distance(kept(png(deep)), grey.convert("RGB")) == 0


def test_it_reads_a_16_bit_colour_png():
    level = b"\x12\x34\x56\x78\x9a\xbc"
    rows = zlib.compress((b"\x00" + level * 70) * 70)
    content = PNG_SIGNATURE + header(70, 70, depth=16) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")

    assert kept(content).getcolors() == [(4900, (0x12, 0x56, 0x9A))]


def test_transparent_places_are_white():
    image = picture().convert("RGBA")
    image.putalpha(0)

    assert kept(png(image)).getcolors() == [(SMALL[0] * SMALL[1], (255, 255, 255))]


def test_transparent_colours_of_a_palette_are_white():
    image = Image.new("P", SMALL, 1)
    image.putpalette([10, 20, 30, 200, 100, 50])

    assert kept(png(image, transparency=1)).getpixel((5, 5)) == (255, 255, 255)


def test_a_transparent_level_of_a_16_bit_grey_does_no_harm():
    image = Image.new("I;16", SMALL, 40_000)
    content = png(image)
    content = content[:33] + chunk(b"tRNS", b"\x9c\x40") + content[33:]

    assert kept(content).getpixel((3, 3)) == (156, 156, 156)


def test_a_greyscale_jpeg_becomes_rgb():
    assert distance(kept(jpeg(picture().convert("L"), quality=100)), picture().convert("L").convert("RGB")) < 1


def test_a_cmyk_jpeg_has_its_colours():
    assert distance(kept(jpeg(picture().convert("CMYK"), quality=100)), picture()) < 2


def test_a_progressive_jpeg_is_read():
    assert distance(kept(jpeg(picture(), quality=100, progressive=True)), picture()) < 2


@pytest.mark.parametrize(("orientation", "held"), TURNED)
def test_a_turned_photograph_is_set_upright(orientation, held):
    upright = lesion_picture(2, (96, 80))

    image = kept(with_orientation(upright.transpose(held), orientation))

    assert distance(image, upright) < 4


@pytest.mark.parametrize("orientation", [0, 1, 9, 65535])
def test_an_orientation_without_meaning_is_passed_over(orientation):
    assert kept(with_orientation(picture(), orientation)).size == SMALL


def test_damaged_exif_does_not_cost_the_photograph():
    content = with_segment(0xE1, b"Exif\x00\x00" + b"MM\x00*\x00\x00\x00\x08\xff\xff" + b"\xff" * 40)

    assert kept(content).size == SMALL


def test_a_damaged_colour_profile_does_not_cost_the_photograph():
    assert distance(kept(png(picture(), icc_profile=b"no profile at all")), picture()) == 0


def test_the_profile_of_another_kind_of_picture_is_passed_over():
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()

    assert distance(kept(png(picture(), icc_profile=lab)), picture()) == 0


def test_an_srgb_profile_changes_nothing_to_speak_of():
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

    assert distance(kept(png(picture(), icc_profile=srgb)), picture()) <= 1


def test_no_metadata_survive_in_a_jpeg():
    exif = Image.Exif()
    exif[MAKER] = exif[DESCRIPTION] = MARKER.decode()
    exif.get_ifd(GPS)[29] = MARKER.decode()
    content = jpeg(picture(), exif=exif, comment=MARKER, icc_profile=MARKER, xmp=MARKER)
    content = with_segment(0xED, MARKER, content)
    assert content.count(MARKER) >= 6

    safe = inspect(content + MARKER, LIMITS)

    frame = Frame.centred(*safe.image.size)
    assert MARKER not in safe.png + safe.thumbnail(frame)
    assert safe.image.info == {}
    assert not safe.image.getexif()


def test_no_metadata_survive_in_a_png():
    content = png(picture(), pnginfo=metadata(Comment=MARKER.decode()), dpi=(300, 300), icc_profile=MARKER)

    safe = inspect(content + MARKER, LIMITS)

    assert MARKER not in safe.png
    assert chunks(safe.png) == {b"IHDR", b"IDAT", b"IEND"}


@pytest.mark.parametrize(
    "appended",
    [zipped, lambda: b"<script>alert(1)</script>", lambda: b"<?php system('id'); ?>", lambda: bytes(5000)],
    ids=["a zip", "a script", "a PHP program", "zeros"],
)
@pytest.mark.parametrize("encode", [jpeg, png])
def test_what_is_hidden_behind_a_photograph_is_dropped(encode, appended):
    safe = inspect(encode(picture()) + appended(), LIMITS)

    assert safe.png == inspect(encode(picture()), LIMITS).png


def test_what_is_hidden_in_a_comment_is_dropped():
    safe = inspect(with_segment(0xFE, b"<script>alert(1)</script>"), LIMITS)

    assert b"script" not in safe.png


def test_a_private_chunk_is_dropped():
    assert MARKER not in inspect(with_chunk(b"prVt", MARKER), LIMITS).png


def test_the_preview_behind_a_phones_photograph_is_no_second_photograph():
    content = several("MPO", ((192, 160), (96, 80)))

    assert kept(content).size == (192, 160)


def test_an_animation_of_one_frame_is_a_photograph():
    assert kept(saved(picture(), "PNG", save_all=True)).size == SMALL


def test_a_large_photograph_is_reduced():
    image = kept(jpeg(Image.new("L", (4096, 3072), 120)))

    assert image.size == (2048, 1536)


def test_inspecting_what_was_kept_changes_nothing():
    first = inspect(jpeg(picture()), LIMITS)

    assert inspect(first.png, LIMITS).png == first.png


def test_the_command_line_sees_the_same_pixels():
    content = with_orientation(lesion_picture(8, (2300, 300)), 6)

    with Image.open(io.BytesIO(content)) as file:
        assert distance(upright_rgb(file), inspect(content, LIMITS).image) == 0


def test_the_thumbnail_is_the_framed_square():
    image = Image.new("RGB", (200, 100), (255, 0, 0))
    image.paste((0, 0, 255), (100, 0, 200, 100))

    thumbnail = Image.open(io.BytesIO(inspect(png(image), LIMITS).thumbnail(Frame(110, 5, 80))))

    assert (thumbnail.format, thumbnail.size) == ("JPEG", (160, 160))
    assert distance(thumbnail, Image.new("RGB", (160, 160), (0, 0, 255))) < 3


def test_running_out_of_memory_is_a_refusal(monkeypatch):
    def refuse(image):
        raise MemoryError

    monkeypatch.setattr("app.decoding.inside.photographs.upright_rgb", refuse)

    with pytest.raises(RefusedUploadError, match=DAMAGED):
        photograph(png(picture()), LIMITS)
