"""What age, sex and body site say about a lesion beside its photograph: log-likelihood ratios, class by class.

Bayes' rule with facts that are taken as independent of each other and of the photograph, given the class. They are
not quite, so each has a weight, which was fitted on validation photographs. A fact that is missing says nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

FACTS = ("age", "sex", "site")
SEXES = ("female", "male")
SITES = (  # the words of HAM10000
    "abdomen", "acral", "back", "chest", "ear", "face", "foot", "genital", "hand", "lower extremity", "neck",
    "scalp", "trunk", "upper extremity",
)  # fmt: skip
OLDEST = 120  # years that an age may be given as
AGE_STEP = 5  # years between the ages in a table; HAM10000 has ages rounded to these
LAST_AGE = 85  # of its patients; whoever is older counts as this old


class Patient(NamedTuple):
    """What is known of a patient: `age` in years, `sex` and `site` in the words of HAM10000; None is not known."""

    age: float | None = None
    sex: str | None = None
    site: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """For each fact, by its value in words, log p(value | class) - log p(value) for each class, and its weight."""

    ratios: Mapping[str, Mapping[str, tuple[float, ...]]]
    weights: Mapping[str, float]

    @classmethod
    def of(cls, card: Mapping[str, Any]) -> Evidence | None:
        """Return the evidence that a card's `patient` holds; None if it holds none."""
        if not card:
            return None
        ratios = {fact: {value: tuple(row) for value, row in table.items()} for fact, table in card["ratios"].items()}
        return cls(ratios, dict(card["weights"]))

    def to_dict(self) -> dict[str, Any]:
        """Return the same as JSON values."""
        ratios = {fact: {value: list(row) for value, row in table.items()} for fact, table in self.ratios.items()}
        return {"ratios": ratios, "weights": dict(self.weights)}

    def shift(self, patient: Patient) -> tuple[float, ...] | None:
        """Return what to add to the tempered logits, class by class; None if nothing that is known counts."""
        rows = [[self.weights[fact] * ratio for ratio in row] for fact, row in self.found(patient).items()]
        return tuple(map(sum, zip(*rows, strict=True))) if rows else None

    def found(self, patient: Patient) -> dict[str, tuple[float, ...]]:
        """Return the rows of the facts that are known of a patient, are in the tables, and have a weight."""
        rows = {fact: self.ratios.get(fact, {}).get(value) for fact, value in written(patient).items()}
        return {fact: row for fact, row in rows.items() if row is not None and self.weights[fact] > 0}


def written(patient: Patient) -> dict[str, str]:
    """Return the known facts as the tables have them: words, and ages to the nearest multiple of 5 years."""
    facts = {"sex": patient.sex, "site": patient.site}
    if patient.age is not None:
        facts["age"] = str(min(LAST_AGE, AGE_STEP * round(patient.age / AGE_STEP)))
    return {fact: value for fact, value in facts.items() if value is not None}
