"""What the cells of a spreadsheet may say of a patient, in the words that people use."""

from __future__ import annotations

import re
import unicodedata

from app.fields import tidied
from app.inference import OLDEST, SITES
from app.visible import INVISIBLE, JOINERS

BLANKS = frozenset({"", "-", "\N{EN DASH}", "?", "n/a", "na", "nan", "none", "null", "unknown", "not given"})
YEARS = re.compile(r"(\d{1,3})(?:[.,]0+)?(?: ?(?:y|yr|yrs|years?))?")
SEXES = {
    "f": "female",
    "w": "female",
    "woman": "female",
    "m": "male",
    "man": "male",
    "female": "female",
    "male": "male",
}
OTHER_WORDS = {
    "abdominal": "abdomen", "belly": "abdomen", "stomach": "abdomen", "acral skin": "acral", "breast": "chest",
    "thorax": "chest", "anterior torso": "chest", "posterior torso": "back", "upper back": "back", "lower back": "back",
    "torso": "trunk", "forehead": "face", "cheek": "face", "nose": "face", "nape": "neck", "throat": "neck",
    "head": "scalp", "arm": "upper extremity", "forearm": "upper extremity", "upper arm": "upper extremity",
    "shoulder": "upper extremity", "elbow": "upper extremity", "leg": "lower extremity", "thigh": "lower extremity",
    "calf": "lower extremity", "shin": "lower extremity", "knee": "lower extremity", "hip": "lower extremity",
    "buttock": "trunk", "buttocks": "trunk", "genitals": "genital", "genitalia": "genital", "groin": "genital",
    "palm": "hand", "finger": "hand", "toe": "foot", "sole": "foot",
}  # fmt: skip
LONGEST_NAME = 120
QUOTED = 40  # characters of a cell that a complaint repeats


def patient(cell: str) -> str | None:
    """Return a patient's name or reference; ValueError with a sentence if it can't be one."""
    name = tidied(cell)
    if name is None or name.casefold() in BLANKS:
        return None
    if len(name) > LONGEST_NAME:
        raise ValueError(f"the patient's name is longer than {LONGEST_NAME} characters.")
    if any(unicodedata.category(c) in INVISIBLE and c not in JOINERS for c in name):
        raise ValueError("the patient's name holds invisible characters; please type it anew.")
    return name


def age(cell: str) -> int | None:
    """Return whole years; ValueError with a sentence."""
    written = _plain(cell)
    if written in BLANKS:
        return None
    found = YEARS.fullmatch(written)
    if found is None or int(found[1]) > OLDEST:
        raise ValueError(f"{quoted(cell)} is not an age in whole years, from 0 to {OLDEST}.")
    return int(found[1])


def sex(cell: str) -> str | None:
    """Return a sex in the words of HAM10000; ValueError with a sentence."""
    written = _plain(cell)
    if written in BLANKS:
        return None
    if written not in SEXES:
        raise ValueError(f"{quoted(cell)} is not a sex that is known here; please write female or male.")
    return SEXES[written]


def body_site(cell: str) -> str | None:
    """Return a body site in the words of HAM10000; ValueError with a sentence."""
    written = _plain(cell).replace("-", " ").replace("_", " ").strip()
    if not written or written in BLANKS:
        return None
    site = OTHER_WORDS.get(written.removeprefix("left ").removeprefix("right "), written)
    if site not in SITES:
        raise ValueError(f"{quoted(cell)} is not a body site that is known here; please write {', '.join(SITES)}.")
    return site


def quoted(cell: str) -> str:
    """Return a cell in quotation marks, shortened, without anything invisible."""
    text = "".join(c for c in " ".join(cell.split()) if unicodedata.category(c) not in INVISIBLE)
    return f"“{text}”" if len(text) <= QUOTED else f"“{text[:QUOTED]}…”"


def _plain(cell: str) -> str:
    return " ".join(cell.casefold().split())
