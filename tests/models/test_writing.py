"""Photographs that may have writing in them."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageDraw, ImageFont

from models.writing import looks_written_on
from tests.pictures import lesion_picture, png


def written_on(colour: tuple[int, int, int], size: int, turned: int = 0) -> bytes:
    """Return a drawn lesion with a line of text in a corner."""
    picture = lesion_picture(3, (600, 450)).copy()
    ImageDraw.Draw(picture).text((12, 12), "ID 4711-0815 2026-03-14", fill=colour, font=ImageFont.load_default(size))
    return png(picture.rotate(turned, expand=True))


@pytest.mark.parametrize("colour", [(255, 255, 255), (255, 230, 0), (0, 0, 0), (0, 255, 0)])
@pytest.mark.parametrize("size", [12, 24])
def test_it_sees_labels_of_the_usual_kinds(colour: tuple[int, int, int], size: int) -> None:
    assert looks_written_on(written_on(colour, size))


def test_it_sees_them_sideways_and_in_large_photographs() -> None:
    large = Image.open(io.BytesIO(written_on((255, 255, 255), 24))).resize((2048, 1536))

    assert looks_written_on(written_on((255, 255, 255), 20, turned=90))
    assert looks_written_on(png(large))


def test_it_sees_none_in_lesions_and_hairs() -> None:
    hairy = lesion_picture(4, (600, 450)).copy()
    for n in range(9):
        ImageDraw.Draw(hairy).line((40 + 60 * n, 20, 90 + 55 * n, 430), fill=(40, 30, 30), width=3)

    assert not any(looks_written_on(png(picture)) for picture in (lesion_picture(5, (600, 450)), hairy))


def test_what_is_no_photograph_is_an_error() -> None:
    with pytest.raises(OSError, match="cannot identify"):
        looks_written_on(b"nothing")
