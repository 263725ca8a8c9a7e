"""Names and texts as DICOM's value representations take them (PS3.5, 6.2)."""

from __future__ import annotations

from unicodedata import category

SHORT, LONG = 16, 64  # characters of a short and of a long string; of a person's name, too
CONTROLS = frozenset({"Cc", "Zl", "Zp"})  # joiners, which Persian and Indic names need, are none
RESERVED = str.maketrans({"\\": " ", "^": " ", "=": " "})


def line(text: str, most: int = LONG) -> str:
    """Return a text as one line of at most so many characters, without what separates values or controls."""
    separated = (" " if character == "\\" or category(character) in CONTROLS else character for character in text)
    return " ".join("".join(separated).split())[:most].strip()


def person_name(name: str) -> str:
    """Return a name as components: what stands before a comma is the family name.

    Which word is the family name can't be told from a name without a comma: it stays whole, as the first component.
    """
    family, _, given = (line(part.translate(RESERVED), LONG - 1) for part in name.partition(","))
    return f"{family}^{given}"[:LONG]
