"""What a DICOM file says of patient and photograph: read, put into words, and kept nowhere."""

from __future__ import annotations

import io
import re
import struct
import unicodedata
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from app.decoding.facts import LONGEST_NAME, LONGEST_WORDS, DicomFacts
from app.decoding.inside.dicom.regions import OWN, PARTS, SITES
from app.decoding.inside.dicom.structure import DicomFile
from app.visible import INVISIBLE, JOINERS
from models.patient import OLDEST

if TYPE_CHECKING:
    from pydicom import Dataset

LARGEST_VALUE = 64 * 1024  # bytes of an element that is looked at
TAGS = (
    0x0008_0005,  # Specific Character Set
    0x0008_0016,  # SOP Class UID
    0x0008_0020, 0x0008_0022, 0x0008_002A,  # Study Date, Acquisition Date, Acquisition DateTime
    0x0008_0070, 0x0008_1090,  # Manufacturer, and its Model Name
    0x0008_2218,  # Anatomic Region Sequence
    0x0010_0010, 0x0010_0020, 0x0010_0030, 0x0010_0040, 0x0010_1010,  # name, id, birth date, sex, age
    0x0018_0015,  # Body Part Examined
    0x0020_0060, 0x0020_0062,  # Laterality, Image Laterality
    0x0028_0301, 0x0028_0302,  # Burned In Annotation, Recognizable Visual Features
)  # fmt: skip
SEXES = {"F": "female", "M": "male"}
SIDES = {"L": "left", "R": "right", "B": "both sides"}
DAY = re.compile(r"(\d{4})\.?(\d{2})\.?(\d{2})")  # the points are those of ACR-NEMA
AGE = re.compile(r"(\d{3})([YMWD])")
SNOMED = "SCT"
FORMER = ("SRT", "SNM3", "99SDM")  # the schemes of SNOMED RT and of SNOMED International
PER_YEAR = {"Y": 1, "M": 12, "W": 52, "D": 365}


def facts_in(file: DicomFile) -> DicomFacts:
    """Read the facts of an opened file; what can't be read is taken as not said."""
    try:
        said = _Said(file)
    except _unreadable():
        return DicomFacts()
    born, taken = said.day(0x0010_0030), said.day(0x0008_002A, 0x0008_0022, 0x0008_0020)
    names = said.names()
    site, region = said.region()
    return DicomFacts(
        name=names[0] if names else None,
        other_names=tuple(names[1:]),
        patient_id=said.words(0x0010_0020),
        born=born,
        age=_age(born, taken) if born and taken else _years(said.words(0x0010_1010)),
        sex=SEXES.get(said.term(0x0010_0040)),
        body_site=site,
        region=region,
        side=SIDES.get(said.term(0x0020_0062) or said.term(0x0020_0060)),
        taken=taken,
        device=" ".join(filter(None, (said.words(0x0008_0070), said.words(0x0008_1090)))) or None,
        burned_in=said.term(0x0028_0301) == "YES",
        recognisable=said.term(0x0028_0302) == "YES",
    )


class _Said:
    """The few elements that are looked at, as pydicom reads them; nothing else of the file is handed to it."""

    def __init__(self, file: DicomFile) -> None:
        from pydicom.filereader import read_dataset  # noqa: PLC0415 - it loads NumPy, which stays out of the start

        small = (tag for tag in TAGS if len(file.whole(tag)) <= LARGEST_VALUE)
        content = io.BytesIO(b"".join(map(file.whole, small)))
        little = file.encoding.order == "<"
        self._elements: Dataset = read_dataset(content, not file.encoding.explicit, little)

    def value(self, tag: int) -> Any:
        """Return the first value of an element; None where there is none that can be read."""
        value = _get(self._elements, tag)
        many = isinstance(value, list) or hasattr(value, "append")
        return (value[0] if len(value) else None) if many else value

    def words(self, tag: int) -> str | None:
        """Return a text fit to be shown; None if it is empty."""
        return _shown(self.value(tag), LONGEST_WORDS)

    def term(self, tag: int) -> str:
        """Return a term of the standard; empty if there is none."""
        return (self.words(tag) or "").upper()

    def day(self, *tags: int) -> date | None:
        """Return the first day that one of these elements names."""
        return next(filter(None, (_day(self.words(tag)) for tag in tags)), None)

    def names(self) -> list[str]:
        """Return the patient's name in each script that it is given in, as it is spoken: first what has letters."""
        from pydicom.valuerep import PersonName  # noqa: PLC0415 - see above

        name = self.value(0x0010_0010)
        if not isinstance(name, PersonName):
            return []
        try:
            latin = [name.name_prefix, name.given_name, name.middle_name, name.family_name, name.name_suffix]
            groups = [" ".join(latin), *(group.replace("^", " ") for group in (name.ideographic, name.phonetic))]
        except _unreadable():
            return []
        return [shown for group in groups if (shown := _shown(group, LONGEST_NAME))]

    def region(self) -> tuple[str | None, str | None]:
        """Return the body's region in our word, if there is one for it, and in the file's words."""
        item = self.value(0x0008_2218)
        part = self.words(0x0018_0015)
        if item is None:
            return PARTS.get((part or "").upper().replace(" ", "")), part
        code, scheme, meaning = (_shown(_get(item, tag), LONGEST_WORDS) for tag in (CODE, SCHEME, MEANING))
        return _site(code or "", scheme or ""), meaning or part


CODE, SCHEME, MEANING = 0x0008_0100, 0x0008_0102, 0x0008_0104


def _get(elements: Dataset, tag: int) -> Any:
    try:
        element = elements.get(tag)
    except _unreadable():
        return None
    return None if element is None else element.value


def _site(code: str, scheme: str) -> str | None:
    """Return our word for a coded region; older files name it by SNOMED's former codes, which pydicom knows."""
    from pydicom.sr.coding import Code  # noqa: PLC0415 - see above

    if scheme == OWN:
        return code if code in SITES.values() else None
    if scheme == SNOMED:
        return SITES.get(code)
    if scheme not in FORMER:
        return None
    given = Code(code, "SRT", "")
    return next((site for known, site in SITES.items() if given == Code(known, SNOMED, "")), None)


def _shown(value: Any, longest: int) -> str | None:
    """Return a value as one line of visible text; None if nothing is left."""
    if value is None:
        return None
    text = unicodedata.normalize("NFC", str(value))
    kept = "".join(c if c in JOINERS or unicodedata.category(c) not in INVISIBLE else " " for c in text)
    return " ".join(kept.split())[:longest].strip() or None


def _day(written: str | None) -> date | None:
    found = DAY.match(written or "")
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def _age(born: date, taken: date) -> int | None:
    years = taken.year - born.year - ((taken.month, taken.day) < (born.month, born.day))
    return years if 0 <= years <= OLDEST else None


def _years(written: str | None) -> int | None:
    found = AGE.fullmatch(written or "")
    years = int(found[1]) // PER_YEAR[found[2]] if found else None
    return None if years is None or years > OLDEST else years


@lru_cache(maxsize=1)
def _unreadable() -> tuple[type[Exception], ...]:
    """Return what pydicom is known to raise on values that are not as they should be."""
    from pydicom.errors import BytesLengthException  # noqa: PLC0415 - see above

    mistakes = ValueError, TypeError, LookupError, AttributeError, OSError, NotImplementedError, RecursionError
    return *mistakes, struct.error, BytesLengthException
