"""The page about security and what it speaks of: every requirement once, and every test, file and setting is there."""

from __future__ import annotations

import ast
import re
from collections import Counter
from functools import cache

import pytest

from config import ROOT, Settings

PAGE = (ROOT / "docs" / "security.md").read_text()
# OWASP ASVS 5.0.0: the level of each requirement of a section, in order
LEVELS = {
    "1.1": "22", "1.2": "1111122223", "1.3": "112222222223", "1.4": "222", "1.5": "123",
    "2.1": "122", "2.2": "112", "2.3": "12223", "2.4": "23",
    "3.1": "3", "3.2": "113", "3.3": "12223", "3.4": "11222233", "3.5": "11122333", "3.6": "3", "3.7": "22333",
    "4.1": "12233", "4.2": "23333", "4.3": "22", "4.4": "1222",
    "5.1": "2", "5.2": "112333", "5.3": "113", "5.4": "222",
    "6.1": "122", "6.2": "111111112222", "6.3": "11223333", "6.4": "112233", "6.5": "22222333", "6.6": "2223",
    "6.7": "33", "6.8": "2222",
    "7.1": "222", "7.2": "1111", "7.3": "22", "7.4": "11222", "7.5": "223", "7.6": "22",
    "8.1": "1233", "8.2": "1123", "8.3": "133", "8.4": "23",
    "9.1": "111", "9.2": "1222",
    "10.1": "22", "10.2": "223", "10.3": "22223", "10.4": "1111122222233333", "10.5": "22222", "10.6": "22",
    "10.7": "222",
    "11.1": "2233", "11.2": "22233", "11.3": "11233", "11.4": "1222", "11.5": "23", "11.6": "23", "11.7": "33",
    "12.1": "12233", "12.2": "11", "12.3": "22223",
    "13.1": "2333", "13.2": "222223", "13.3": "2233", "13.4": "1222233",
    "14.1": "22", "14.2": "12223333", "14.3": "122",
    "15.1": "12233", "15.2": "12233", "15.3": "1222222", "15.4": "3333",
    "16.1": "2", "16.2": "22222", "16.3": "2222", "16.4": "222", "16.5": "2223",
    "17.1": "23", "17.2": "22223333", "17.3": "22",
}  # fmt: skip
NUMBER = re.compile(r"\b\d{1,2}\.\d\.\d{1,2}\b")
ROW = re.compile(r"^\| (\d{1,2}\.\d\.\d{1,2}(?:, \d{1,2}\.\d\.\d{1,2})*) \|(.*)\|$", re.MULTILINE)
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
FILE = re.compile(r"`((?:app|tests|static|templates|docs|migrations|models|\.ci)/[\w./-]*\w)(?:::\w+)?`")


def known() -> dict[str, str]:
    return {f"{section}.{place}": level for section, row in LEVELS.items() for place, level in enumerate(row, start=1)}


def numbers(text: str) -> list[str]:
    return [number for row in ROW.findall(text) for number in NUMBER.findall(row[0])]


def table_of_the_met() -> str:
    return PAGE.partition("### Met")[2].partition("\n### ")[0]


@cache
def named_in(path: str) -> set[str]:
    """Return the names of all tests of a file, those in classes as well."""
    tree = ast.parse((ROOT / path).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def test_the_requirements_are_those_of_asvs_5() -> None:
    assert Counter(known().values()) == {"1": 70, "2": 183, "3": 92}


def test_every_requirement_of_the_first_two_levels_is_spoken_of_once() -> None:
    spoken_of = Counter(numbers(PAGE))

    assert [number for number, times in spoken_of.items() if times > 1] == []
    assert [number for number in spoken_of if number not in known()] == []
    assert [number for number, level in known().items() if level != "3" and number not in spoken_of] == []


def test_every_requirement_that_is_met_names_a_test() -> None:
    without = [row[0] for row in ROW.findall(table_of_the_met()) if not TEST.search(row[1].rpartition("|")[2])]

    assert numbers(table_of_the_met())
    assert without == []


@pytest.mark.parametrize(("path", "name"), sorted(set(TEST.findall(PAGE))))
def test_every_test_that_is_named_is_there(path: str, name: str) -> None:
    assert name in named_in(path)


def test_every_file_and_setting_that_is_named_is_there() -> None:
    files, settings = set(FILE.findall(PAGE)), set(re.findall(r"LENTIGO_(\w+)", PAGE))

    assert [file for file in sorted(files) if not (ROOT / file).exists()] == []
    assert [name for name in settings if name.lower() not in Settings.model_fields] == []


def test_the_level_beside_each_requirement_is_its_own() -> None:
    rows = re.findall(r"^\| (\d{1,2}\.\d\.\d{1,2}) \| (\d) \|", table_of_the_met(), re.MULTILINE)

    assert rows
    assert [number for number, level in rows if known()[number] != level] == []


def test_every_page_that_it_leads_to_is_there() -> None:
    linked = re.findall(r"\]\(([\w./-]+\.md)(?:#[\w-]+)?\)", PAGE)

    assert [link for link in linked if not (ROOT / "docs" / link).exists()] == []
