"""``python -m models join``: two trained networks that answer as one classifier, each for half of the views."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from models.card import WEIGHTS, Card, CardError, read_card, read_verified, sha256, weights_file, write_card

SAME = ("input_px", "scaling", "classes")  # of the card
VIEWS = 8


def join(name: str, weights: Path, other: Path, version: str) -> Card:
    """Make the network in the folder `other` the second member of a classifier, write its card anew and return it.

    It must still be compiled, calibrated and measured: what was known of the first alone is taken off the card.
    CardError if the networks see or answer something else, were trained on different splits, or are two already.
    """
    folder = weights / name
    first, second = read_card(folder), read_card(other)
    _check(first, second)
    content = read_verified(second, other, WEIGHTS)
    alike = first.architecture == second.architecture
    (folder / weights_file(1)).write_bytes(content)
    card = replace(
        first,
        title=first.title if alike else f"{first.title} and {second.title}",
        version=version,
        views=VIEWS,
        members=2,
        further_architectures=() if alike else (second.architecture,),
        parameters=first.parameters + second.parameters,
        temperature=1.0,
        shift=(),
        patient={},
        unfamiliar_above=None,
        operating_points={},
        files={WEIGHTS: first.files[WEIGHTS], weights_file(1): sha256(content)},
        compiled={},
        training={**first.training, "further_members": [dict(second.training)]},
        metrics={},
    )
    write_card(folder, card)
    return card


def _check(first: Card, second: Card) -> None:
    if (first.members, second.members) != (1, 1):
        raise CardError(
            f"{first.name} has {first.members} members, the other {second.members}: two networks are joined"
        )
    different = [name for name in SAME if getattr(first, name) != getattr(second, name)]
    if first.training["split"] != second.training["split"]:
        different.append("split")
    if different:
        raise CardError(f"{first.name} and the other differ in {', '.join(different)}")
