"""PNG files are written whole, and one whose pixels end too early is told from a whole one."""

from __future__ import annotations

import io
import zlib

import pytest
from PIL import Image

from app.decoding.inside.png import is_complete
from app.upload.png import encoded
from tests.hostile import PNG_SIGNATURE, chunk, header
from tests.pictures import lesion_picture, png

SIZE = (97, 67)
MODES = ["RGB", "RGBA", "L", "LA", "P", "1", "I;16"]


def in_mode(mode: str) -> Image.Image:
    picture = lesion_picture(1, SIZE)
    return picture.convert("I").convert("I;16") if mode == "I;16" else picture.convert(mode)


def of_rows(rows: int, pieces: int = 1, interlaced: int = 0) -> bytes:
    head = header(*SIZE)
    if interlaced:
        head = chunk(b"IHDR", head[8:20] + bytes([1]))
    packed = zlib.compress(bytes(1 + 3 * SIZE[0]) * rows)
    step = -(-len(packed) // pieces)
    data = b"".join(chunk(b"IDAT", packed[i : i + step]) for i in range(0, len(packed), step))
    return PNG_SIGNATURE + head + data + chunk(b"IEND", b"")


@pytest.mark.parametrize("mode", MODES)
def test_a_whole_file_of_any_kind_is_complete(mode: str) -> None:
    assert is_complete(png(in_mode(mode)))


@pytest.mark.parametrize("pieces", [1, 5])
def test_a_missing_row_is_noticed(pieces: int) -> None:
    assert is_complete(of_rows(SIZE[1], pieces))
    assert not is_complete(of_rows(SIZE[1] - 1, pieces))


def test_an_interlaced_file_needs_the_rows_of_all_its_passes() -> None:
    assert not is_complete(of_rows(SIZE[1] // 2, interlaced=1))
    assert is_complete(of_rows(SIZE[1] + 2, interlaced=1))


def test_pixels_that_are_not_there_at_all_are_noticed() -> None:
    assert not is_complete(PNG_SIGNATURE + header(*SIZE) + chunk(b"IEND", b""))


@pytest.mark.parametrize("size", [(1, 1), (97, 67), (3, 200)])
def test_a_picture_is_written_as_it_is_without_loss(size: tuple[int, int]) -> None:
    picture = lesion_picture(2, SIZE).resize(size)

    content = encoded(picture)

    with Image.open(io.BytesIO(content)) as back:
        back.load()
        assert (back.mode, back.size, back.info) == ("RGB", size, {})
        assert back.tobytes() == picture.tobytes()
    with Image.open(io.BytesIO(content)) as again:
        again.verify()
    assert is_complete(content)
