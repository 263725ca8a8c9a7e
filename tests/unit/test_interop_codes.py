import tomllib

import pytest

from app.inference import SITES as BODY_SITES
from app.inference import TASKS
from app.interop.codes import CLASSES, LEFT, OWN, RIGHT, SITES, SKIN, SNOMED
from app.interop.laterality import is_left
from app.patients.tables import Lesion
from app.product import VERSION
from app.results.verdicts.labels import UNCERTAIN, VERDICTS
from config import ROOT

CONCEPTS = [*CLASSES.values(), *SITES.values(), SKIN, LEFT, RIGHT]
# D5 is the dihedral group of Verhoeff's check digit, which every SNOMED CT identifier ends with
TIMES = [
    [(a + b) % 5 if a < 5 and b < 5 else 5 + (a + b) % 5 if a < 5 else 5 + (a - b) % 5 if b < 5 else (a - b) % 5
     for b in range(10)]
    for a in range(10)
]  # fmt: skip
MOVED = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


def verhoeff(identifier: str) -> int:
    total = 0
    for place, digit in enumerate(reversed(identifier)):
        moved = int(digit)
        for _ in range(place % 8):
            moved = MOVED[moved]
        total = TIMES[total][moved]
    return total


def test_every_class_verdict_and_body_site_has_a_code():
    classes = {label.code for task in TASKS.values() for label in task.labels}

    assert {*classes, *VERDICTS, UNCERTAIN} == set(CLASSES)
    assert set(SITES) == set(BODY_SITES)


@pytest.mark.parametrize("concept", CONCEPTS, ids=lambda concept: concept.meaning)
def test_a_code_fits_where_it_is_written(concept):
    assert len(concept.code) <= 16  # a short string of DICOM
    assert len(concept.meaning) <= 64  # a long string


@pytest.mark.parametrize(
    "concept", [concept for concept in CONCEPTS if concept.scheme == SNOMED], ids=lambda concept: concept.meaning
)
def test_an_identifier_of_snomed_ct_has_its_check_digit(concept):
    assert verhoeff(concept.code) == 0


def test_one_mistyped_digit_is_found():
    assert verhoeff("93655014") != 0


def test_a_group_of_diseases_has_a_code_of_our_own():
    assert {code for code in ("akiec", "bkl", "vasc", "df") if CLASSES[code].scheme == OWN} == {
        "akiec", "bkl", "vasc", "df",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("side", "x", "left"),
    [
        ("front", 0.8, True),
        ("front", 0.2, False),
        ("back", 0.8, False),
        ("back", 0.2, True),
        ("back", 0.5, None),
        (None, None, None),
    ],
)
def test_left_and_right_are_the_patients(side, x, left):
    assert is_left(Lesion(side=side, x=x)) is left


def test_the_version_is_that_of_the_package():
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == VERSION
