import contextlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from app.decoding.inside.photographs import photograph
from app.decoding.limits import Limits
from app.errors import RefusedUploadError
from tests.hostile import picture, several
from tests.pictures import jpeg, png

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")

LIMITS = Limits(megabytes=1, megapixels=1)
EXIF = Image.Exif()
EXIF[0x0112] = 6
SOUND = (
    jpeg(picture(), exif=EXIF),
    jpeg(picture(), progressive=True, optimize=True),
    jpeg(picture().convert("CMYK")),
    png(picture()),
    png(picture().convert("P"), transparency=0),
    png(picture().convert("LA"), dpi=(72, 72)),
    several("MPO", ((192, 160), (96, 80))),
    several("PNG"),
)
often = settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def judged(content):
    """Whatever the bytes: a photograph or a refusal, and no other error."""
    with contextlib.suppress(RefusedUploadError):
        assert photograph(content, LIMITS).mode == "RGB"


@often
@given(st.sampled_from(SOUND), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=12))
def test_files_with_changed_bytes_never_break_it(content, changes):
    changed = bytearray(content)
    for place, byte in changes:
        changed[int(place * (len(changed) - 1))] = byte

    judged(bytes(changed))


@often
@given(st.sampled_from(SOUND), st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), min_size=1, max_size=6))
def test_files_with_changed_headers_never_break_it(content, changes):
    changed = bytearray(content)
    for place, byte in changes:
        changed[place] = byte

    judged(bytes(changed))


@often
@given(st.sampled_from(SOUND), st.floats(0, 1), st.floats(0, 1), st.binary(max_size=40))
def test_files_with_pieces_replaced_never_break_it(content, start, end, piece):
    first, last = sorted((int(start * len(content)), int(end * len(content))))

    judged(content[:first] + piece + content[last:])


@often
@given(st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"]), st.binary(max_size=300))
def test_bytes_of_any_kind_never_break_it(start, content):
    judged(start + content)
