from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.spreadsheet import BYTE_ORDER_MARK, csv_file

STARTS = "=+-@\t\r\n＝＋－＠"  # noqa: RUF001 - the full width is meant
# the file is UTF-8: lone surrogates can't be written; and Python's reader ends a line at a NUL before 3.11
TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"))


def read(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("start", STARTS)
def test_text_that_could_be_a_formula_is_marked_as_text(start: str) -> None:
    content = b"".join(csv_file([["name"], [f'{start}HYPERLINK("http://x")'], [f"  {start}1"]]))

    assert read(content)[1][0] == f'\'{start}HYPERLINK("http://x")'
    assert read(content)[2][0] == ("'" if start not in "\t\r\n" else "") + f"  {start}1"


def test_numbers_stay_numbers_and_nothing_is_empty() -> None:
    content = b"".join(csv_file([[-1, 0.5, None, "a, b", 'say "ah"']]))

    assert read(content) == [["-1", "0.5", "", "a, b", 'say "ah"']]


def test_excel_is_told_that_it_is_utf_8() -> None:
    content = b"".join(csv_file([["Sørensen"]]))

    assert content == f"{BYTE_ORDER_MARK}Sørensen\r\n".encode()


@given(st.lists(st.lists(TEXT, min_size=2, max_size=4), min_size=1, max_size=5))
def test_every_text_comes_back_whole_and_none_is_a_formula(rows: list[list[str]]) -> None:
    back = read(b"".join(csv_file(rows)))

    assert [[cell.removeprefix("'") for cell in row] for row in back] == [
        [cell.removeprefix("'") for cell in row] for row in rows
    ]
    assert not any(cell.lstrip(" ").startswith(tuple(STARTS)) for row in back for cell in row)


def test_a_long_table_is_sent_in_pieces() -> None:
    pieces = list(csv_file([["a" * 1000]] * 100))

    assert len(pieces) > 2
    assert max(map(len, pieces)) < 40_000
