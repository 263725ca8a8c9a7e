import hashlib
import re
import unicodedata

import pytest

from app.results.report import fonts

ROW = re.compile(r"^\| `([^`]+)` \| `([0-9a-f]{64})` \|$", re.MULTILINE)
SCRIPTS = ("LATIN ", "GREEK ", "CYRILLIC ")


@pytest.fixture(autouse=True)
def _registered():
    fonts.register()


def test_every_font_file_has_the_recorded_hash():
    recorded = dict(ROW.findall((fonts.FOLDER / "FONTS.md").read_text()))

    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in fonts.FOLDER.iterdir()
        if path.name != "FONTS.md"
    }

    assert found == recorded


def test_every_latin_greek_and_cyrillic_letter_of_names_can_be_written():
    letters = [c for c in map(chr, range(0x2000)) if unicodedata.name(c, "").startswith(SCRIPTS) and c.isalpha()]

    missing = [letter for letter in letters if not fonts.writable(letter)]

    assert len(letters) > 1500
    assert missing == []


def test_the_bold_font_has_what_the_regular_one_has():
    assert fonts._characters(fonts.REGULAR) <= fonts._characters(fonts.BOLD)


@pytest.mark.parametrize(
    "hostile",
    ["<b>bold</b>", "a & b &amp; c", "</para>", '<img src="file:///etc/passwd"/>', "<font name='X'>", "<!-- -->"],
)
def test_markup_leaves_nothing_for_reportlab_to_obey(hostile):
    written = fonts.markup(hostile)

    assert "<" not in written
    assert ">" not in written
    assert written.count("&") == len(re.findall(r"&(?:lt|gt|amp);", written))


def test_signs_that_the_main_font_lacks_come_from_the_second():
    assert fonts.markup("a ≥ b") == f'a <font name="{fonts.SIGNS}">≥</font> b'


@pytest.mark.parametrize("unwritable", ["王", "م", "ש", "\U0001f9ec", "\ud800", "\U0010ffff"])
def test_a_character_without_glyph_is_visibly_replaced(unwritable):
    assert not fonts.writable(unwritable)
    assert fonts.markup(f"A{unwritable}B") == f"A{fonts.REPLACEMENT}B"
