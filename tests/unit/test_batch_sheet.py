from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.batches.sending.matching import match
from app.batches.sending.sheet import Row, SheetError, read_sheet
from app.decoding.names import beside_the_point, shown


def rows(text: str | bytes) -> tuple[Row, ...]:
    return read_sheet(text if isinstance(text, bytes) else text.encode(), 100).rows


def complaint(text: str | bytes, most: int = 100) -> SheetError:
    with pytest.raises(SheetError) as refused:
        read_sheet(text if isinstance(text, bytes) else text.encode(), most)
    return refused.value


@pytest.mark.parametrize(
    "text",
    [
        "file name,patient,age,sex,site\na.png,Søren,45,m,back\n",
        "File_Name;Patient ID;Age (years);Gender;Body-Site\r\na.png;Søren;45;Male;Back\r\n".replace(" (years)", ""),
        "IMAGE\tPatient\tage_approx\tSEX\tlocalization\n\na.png\tSøren\t45.0\tmale\t back \n",
        '"photo","name","age","sex","anatom_site_general"\n"a.png","Søren","45 years","man","posterior torso"\n',
    ],
)
def test_headings_and_cells_are_understood_as_people_write_them(text: str) -> None:
    for encoded in (text.encode(), text.encode("utf-8-sig"), text.encode("utf-16"), text.encode("cp1252")):
        (row,) = rows(encoded)
        assert (row.file, row.patient, row.age, row.sex, row.body_site) == ("a.png", "Søren", 45, "male", "back")


def test_what_is_not_known_is_not_said() -> None:
    (row,) = rows("file,patient,age,sex,site\na.png,,unknown,n/a,-\n")

    assert (row.patient, row.age, row.sex, row.body_site) == (None,) * 4


def test_complaints_name_the_line_as_the_file_counts_it() -> None:
    text = 'file,patient,age,site\n\n"a.png","two\nlines",4,back\nb.png,B,minus,sole\n,C,3,\na.PNG,D,3,moon\n'

    problems = complaint(text).problems

    assert [problem.split(":")[0] for problem in problems] == ["Line 3", "Line 5", "Line 6", "Line 7", "Line 7"]
    assert "invisible" in problems[0]
    assert "“minus” is not an age" in problems[1]
    assert "names no file" in problems[2]
    assert "the same file as line 3" in problems[3]
    assert "“moon” is not a body site" in problems[4]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "must name the columns"),
        ("patient,age\nA,3\n", "must name the columns"),
        ("file,image\na,b\n", "Two columns mean the same here: “file” and “image”"),
        ("file,age\n", "no lines below"),
        ("file\n" + "a\n" * 3, "Please correct"),
        (b"PK\x03\x04 and so on", "This is a workbook"),
        (b"file\n\0\n", "not a CSV file"),
        (b"\xff\xfea", "damaged"),
        ("file\n" + "x" * 140_000, "can't be read"),
    ],
)
def test_what_can_not_be_used_is_refused_with_a_sentence(text: str | bytes, said: str) -> None:
    assert said in complaint(text).message


def test_only_so_many_lines_are_taken() -> None:
    assert "more than 2 lines" in complaint("file\na\nb\nc\n", most=2).message


@given(st.binary(max_size=300))
def test_whatever_it_is_it_is_read_or_refused(content: bytes) -> None:
    with contextlib.suppress(SheetError):
        assert read_sheet(b"file,age\n" + content, 100).rows


def test_a_file_is_found_by_ever_less_of_its_path() -> None:
    names = ["day/Ada/1.JPG", "day/Cem/1.jpg", "day/2.jpg", "3.png", "day/4.jpg", "day/5.jpg"]
    listed = [Row(2, "ada/1.jpg"), Row(3, "Cem/1"), Row(4, "2"), Row(5, "3.jpg"), Row(6, "6.jpg"), Row(7, "day\\5.jpg")]

    found = match(names, listed)

    assert {name: row.line for name, row in found.rows.items()} == {
        "day/Ada/1.JPG": 2,
        "day/Cem/1.jpg": 3,
        "day/2.jpg": 4,
        "day/5.jpg": 7,
    }
    assert [row.file for row in found.unmatched] == ["3.jpg", "6.jpg"]


def test_a_line_that_could_mean_several_files_means_none() -> None:
    found = match(["x/1.jpg", "y/1.jpg", "y/2.jpg"], [Row(2, "1.jpg"), Row(3, "y/2.jpg")])

    assert found.doubtful == {"x/1.jpg", "y/1.jpg"}
    assert list(found.rows) == ["y/2.jpg"]
    assert not found.unmatched


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("..\\..\\etc/./passwd", "etc/passwd"),
        ("/a//b.png", "a/b.png"),
        ("u\u0308.png", "ü.png"),
        ("a\u202egnp.png", "agnp.png"),
        ("\0", "no name"),
        ("x" * 300 + ".png", "…" + "x" * 195 + ".png"),
    ],
)
def test_names_are_made_fit_to_be_shown(path: str, name: str) -> None:
    assert shown(path) == name


def test_what_systems_put_beside_the_files_of_people_is_passed_over() -> None:
    assert all(map(beside_the_point, (".DS_Store", "a/.hidden", "__MACOSX/a.png", "a\\Thumbs.db")))
    assert not beside_the_point("a.b/c.png")
