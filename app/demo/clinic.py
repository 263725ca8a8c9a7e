"""The clinic of the demonstration: who comes, with which lesions, when, and what was said of them. All is invented."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

NAMES = (
    "Ingrid Sørensen", "Kwame Boateng", "Marta Kowalska", "Hiroshi Tanaka", "Amina Diallo", "Jonas Lindqvist",
    "Priya Raman", "Carlos Medina", "Elif Demir", "Fiona Gallagher", "Bilal Haddad", "Greta Baumann",
    "Thandi Nkosi", "Luca Moretti", "Sofia Petrova", "Owen Pritchard", "Leila Farahani", "Nils Aaberg",
    "Ana Ferreira", "Chidi Okonkwo", "Hannah Weiss", "Mateo Vargas", "Ruth Adler", "Tomas Novak", "Yara Mansour",
    "Erik Halvorsen", "Nadia Rahimi", "Peter Vos", "Zofia Wrona", "Samuel Tesfaye",
)  # fmt: skip
NOTES = (
    "Melanoma in the family (mother).",
    "Immunosuppressed since a kidney transplant.",
    "Many sunburns in childhood; worked outdoors for twenty years.",
    "More than fifty nevi. Whole-body look once a year.",
)
# body site, label, side, and the place in the units of the body map's drawing
PLACES = (
    ("back", "Left shoulder blade", "back", 96, 130), ("back", "Lower back, right", "back", 142, 190),
    ("face", "Right cheek", "front", 110, 56), ("chest", "Below the left collarbone", "front", 138, 116),
    ("abdomen", "Beside the navel", "front", 112, 196), ("upper extremity", "Left upper arm", "front", 174, 150),
    ("lower extremity", "Right calf", "back", 146, 400), ("lower extremity", "Left thigh", "front", 146, 310),
    ("neck", "Nape", "back", 120, 82), ("trunk", "Right buttock", "back", 142, 250),
    ("hand", "Back of the right hand", "back", 204, 273), ("foot", "Top of the left foot", "front", 143, 497),
)  # fmt: skip
KINDS = (  # look of the drawing, what it is meant for, and how often
    ("nevus", "nv", 9), ("pale", "nv", 6), ("dark", "nv", 3), ("melanoma", "mel", 5), ("keratosis", "bkl", 4),
    ("basal", "bcc", 4), ("vascular", "vasc", 2),
)  # fmt: skip
MALIGNANT = {"mel", "bcc"}
REASONS = ("Compare with the photograph of today.", "Asked for by the patient.", None, None)
POOR = 0.06  # share of photographs that are out of focus


@dataclass(frozen=True, slots=True)
class Take:
    """A photograph: how many days ago, how far the lesion has grown, and by how many pixels it is out of focus."""

    days_ago: int
    growth: float
    blurred: float


@dataclass(frozen=True, slots=True)
class PlannedLesion:
    """A lesion and its course; the verdicts are of its last photograph, None where nothing was said.

    `x` and `y` are in the drawing's units. `follow_up` is in days after the last photograph, which may be over.
    """

    site: str
    label: str
    side: str
    x: int
    y: int
    look: str
    seed: int
    takes: Sequence[Take]
    assessment: str | None
    diagnosis: str | None
    basis: str | None
    follow_up: int | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class PlannedPatient:
    """A patient and what becomes of the record; `skin` is Fitzpatrick's type."""

    name: str
    born: int
    sex: str
    skin: int
    notes: str | None
    lesions: Sequence[PlannedLesion]


def patients(count: int, seed: int, year: int) -> Iterator[PlannedPatient]:
    """Yield the patients of a clinic; the same arguments give the same patients."""
    dice = random.Random(f"{seed}")  # noqa: S311 - an invented clinic, no secret
    for number in range(count):
        name = NAMES[number % len(NAMES)]
        again = f" {number // len(NAMES) + 1}" if number >= len(NAMES) else ""
        yield PlannedPatient(
            name=f"{name}{again} (demo)",
            born=year - int(dice.triangular(19, 88, 58)),
            sex=dice.choice(("female", "male")),
            skin=dice.choices((1, 2, 3, 4, 5, 6), (3, 9, 9, 2, 1, 1))[0],
            notes=dice.choice((*NOTES, None, None, None, None)),
            lesions=_lesions(dice),
        )


def _lesions(dice: random.Random) -> Sequence[PlannedLesion]:
    places = dice.sample(PLACES, dice.choices((1, 2, 3), (4, 4, 2))[0])
    return [_lesion(dice, place) for place in places]


def _lesion(dice: random.Random, place: tuple[str, str, str, int, int]) -> PlannedLesion:
    look, truth, _ = dice.choices(KINDS, [often for *_, often in KINDS])[0]
    assessment = dice.choices((truth, dice.choice(("nv", "mel", "bkl")), "uncertain", None), (70, 10, 5, 15))[0]
    malignant = truth in MALIGNANT
    known = assessment is not None and dice.random() < (0.95 if malignant else 0.9)
    basis = ("histology" if malignant else dice.choice(("histology", "follow_up", "consensus"))) if known else None
    return PlannedLesion(
        *place,
        look=look,
        seed=dice.randrange(10**6),
        takes=_takes(dice, malignant=malignant),
        assessment=assessment,
        diagnosis=truth if known else None,
        basis=basis,
        follow_up=None if malignant and known else dice.choice((90, 180, 365, None, None)),
        reason=dice.choice(REASONS),
    )


def _takes(dice: random.Random, *, malignant: bool) -> Sequence[Take]:
    """Return a course of up to four photographs over the last two years; what is malignant grows."""
    growth, pace = 1.0, dice.uniform(1.05, 1.2) if malignant else dice.uniform(0.99, 1.03)
    days_ago, takes = dice.randint(2, 720), []
    for _ in range(dice.choices((1, 2, 3, 4), (5, 4, 2, 1))[0]):
        takes.append(Take(days_ago, growth, 7.0 if dice.random() < POOR else 0.0))
        growth *= pace
        days_ago -= dice.randint(80, 200)
        if days_ago < 1:
            break
    return takes
