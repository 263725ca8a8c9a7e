"""``python -m models index``: the training photographs of a classifier, findable by how alike they look to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from models.card import NETWORK, read_card, read_verified, sha256, write_card
from models.serving import NetworkClassifier
from models.similar import FILE, KnownPhotograph, SimilarIndex
from models.training import splits
from models.training.calibrate import outputs_of
from models.training.splits import Photograph
from models.training.tables import METADATA, rows_of


def index_training(name: str, data: Path, weights: Path, *, split: str | None = None, threads: int = 2) -> SimilarIndex:
    """Write the index of a compiled classifier, put its hash on the card, and return it.

    It holds training photographs alone, so that no photograph that the classifier is measured on is ever found.
    CardError if the card or the network is not as it should be, FileNotFoundError if a photograph is missing.
    """
    folder = weights / name
    card = read_card(folder)
    classifier = NetworkClassifier(card, read_verified(card, folder, NETWORK), None, threads)
    train, _ = splits.for_training(split or str(card.training["split"]), card.task)
    index = SimilarIndex.build(outputs_of(classifier, train, data).embedding, _known(train, confirmations(data)))
    content = index.to_bytes()
    (folder / FILE).write_bytes(content)
    write_card(folder, replace(card, files={**card.files, FILE: sha256(content)}))
    return index


def confirmations(data: Path) -> dict[str, str]:
    """Return how the diagnosis of each photograph was confirmed, by image id, from the tables below a data folder."""
    return {row["image_id"]: row["dx_type"] for row in rows_of(data, METADATA)}


def _known(photographs: Sequence[Photograph], confirmed: Mapping[str, str]) -> list[KnownPhotograph]:
    return [KnownPhotograph(p.image_id, p.lesion_id, p.label, confirmed.get(p.image_id, "")) for p in photographs]
