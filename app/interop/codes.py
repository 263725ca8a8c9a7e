"""The codes by which other systems know our words: a standard's where one concept says the same, else our own.

SNOMED CT has no one concept for three classes of HAM10000, which are groups (actinic keratosis or intraepithelial
carcinoma; seborrhoeic keratosis, solar lentigo and their like; vascular lesions of several kinds): the nearest concept
would say more than was answered. Sites of the skin are those of DICOM PS3.16, CID 4029.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from app.results.verdicts.labels import UNCERTAIN, VERDICTS

SNOMED, DICOM, OWN = "SCT", "DCM", "99LENTIGO"  # as DICOM calls the coding schemes


@dataclass(frozen=True, slots=True)
class Concept:
    """A code of a coding scheme, and what it means."""

    scheme: str
    code: str
    meaning: str


def _own(code: str, meaning: str) -> Concept:
    return Concept(OWN, code, meaning)


# SNOMED CT identifiers, as in the international edition
_STANDARD = {
    "mel": Concept(SNOMED, "93655004", "Malignant melanoma of skin"),
    "bcc": Concept(SNOMED, "254701007", "Basal cell carcinoma of skin"),
    "nv": Concept(SNOMED, "400010006", "Melanocytic nevus of skin"),
}
CLASSES: Mapping[str, Concept] = MappingProxyType(
    {
        **{code: _own(code, label.name) for code, label in VERDICTS.items()},
        "benign": _own("benign", "Benign"),
        "malignant": _own("malignant", "Malignant"),
        UNCERTAIN: _own(UNCERTAIN, "Uncertain"),
        **_STANDARD,
    }
)

SKIN = Concept(SNOMED, "39937001", "Skin")
SITES: Mapping[str, Concept] = MappingProxyType(
    {
        "abdomen": Concept(SNOMED, "75093004", "Skin of abdomen"),
        "acral": _own("acral", "Skin of palm, sole, finger or toe"),
        "back": Concept(SNOMED, "66643007", "Skin of back"),
        "chest": Concept(SNOMED, "74160004", "Skin of chest"),
        "ear": Concept(SNOMED, "1902009", "Skin of ear"),
        "face": Concept(SNOMED, "73897004", "Skin of face"),
        "foot": Concept(SNOMED, "60496002", "Skin of foot"),
        "genital": Concept(SNOMED, "60944009", "Skin of external genitalia"),
        "hand": Concept(SNOMED, "33712006", "Skin of hand"),
        "lower extremity": Concept(SNOMED, "371304004", "Skin of lower extremity"),
        "neck": Concept(SNOMED, "43081002", "Skin of neck"),
        "scalp": Concept(SNOMED, "43067004", "Skin of scalp"),
        "trunk": Concept(SNOMED, "86381001", "Skin of trunk"),
        "upper extremity": Concept(SNOMED, "371311000", "Skin of upper extremity"),
    }
)

LEFT, RIGHT = Concept(SNOMED, "7771000", "Left"), Concept(SNOMED, "24028007", "Right")
