import io

import pytest
from PIL import Image, ImageChops, ImageCms, ImageStat

from models.photograph import LONGEST_SIDE, upright_rgb
from tests.pictures import lesion_picture

ORIENTATION = 0x0112


def same(one, other):
    return one.size == other.size and ImageChops.difference(one, other).getbbox() is None


def swapped_primaries():
    """A sound profile whose red is sRGB's green, and the other way round."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile.replace(b"rXYZ", b"????", 1).replace(b"gXYZ", b"rXYZ", 1).replace(b"????", b"gXYZ", 1)


def test_an_ordinary_photograph_stays_as_it_is():
    assert same(upright_rgb(lesion_picture()), lesion_picture())


def test_doing_it_twice_is_doing_it_once():
    image = lesion_picture(1, (90, 70))
    image.getexif()[ORIENTATION] = 6
    image.info["icc_profile"] = swapped_primaries()
    once = upright_rgb(image)

    assert once.info == {}
    assert same(upright_rgb(once), once)


def test_the_given_image_is_left_as_it_is():
    image = lesion_picture(1, (90, 70))
    image.info["comment"] = b"kept"

    upright_rgb(image).paste((0, 0, 0), (0, 0, 50, 50))

    assert same(image, lesion_picture(1, (90, 70)))
    assert image.info == {"comment": b"kept"}


def test_a_colour_profile_is_applied():
    image = Image.new("RGB", (70, 70), (255, 0, 0))
    image.info["icc_profile"] = swapped_primaries()

    red, green, blue = upright_rgb(image).getpixel((0, 0))

    assert green > 250
    assert red < 5
    assert blue < 5


@pytest.mark.parametrize("profile", [b"", b"nothing", swapped_primaries()[:200]], ids=["empty", "text", "cut"])
def test_a_damaged_colour_profile_is_passed_over(profile):
    image = lesion_picture(1, (90, 70))
    image.info["icc_profile"] = profile

    assert same(upright_rgb(image), lesion_picture(1, (90, 70)))


@pytest.mark.parametrize("size", [(4000, 3000), (3000, 4000), (2049, 10), (10, 5000)])
def test_the_longer_side_is_bounded_and_the_shape_kept(size):
    width, height = upright_rgb(Image.new("L", size)).size

    assert max(width, height) == LONGEST_SIDE
    assert abs(width / height / (size[0] / size[1]) - 1) < 0.15


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16", "YCbCr", "HSV"])
def test_every_mode_becomes_rgb(mode):
    assert upright_rgb(Image.new(mode, (70, 70))).mode == "RGB"


@pytest.mark.parametrize(
    ("size", "kept"),
    [((4000, 3000), (2000, 1500)), ((3000, 4000), (1500, 2000)), ((8064, 400), (2016, 100)), ((3839, 64), (2048, 34))],
)
def test_a_large_jpeg_is_decoded_in_a_smaller_size_that_shows_the_same(size, kept):
    file = io.BytesIO()
    lesion_picture(1, (250, 190)).resize(size).save(file, "JPEG", quality=95)
    whole = Image.open(file, formats=("JPEG",))
    whole.load()

    upright = upright_rgb(Image.open(file, formats=("JPEG",)))

    assert upright.size == kept
    expected = whole.convert("RGB").resize(kept, Image.Resampling.LANCZOS)
    assert max(ImageStat.Stat(ImageChops.difference(upright, expected)).mean) < 1  # grey level


def test_a_large_jpeg_that_lies_on_its_side_is_set_upright():
    file, exif = io.BytesIO(), Image.Exif()
    exif[ORIENTATION] = 6
    lesion_picture(1, (250, 190)).resize((4000, 3000)).save(file, "JPEG", exif=exif)

    assert upright_rgb(Image.open(file)).size == (1500, 2000)
