"""``python -m models calibrate``: temperature, operating points and familiarity, from validation photographs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from tqdm import tqdm

from models.calibration import fit_temperature, operating_points
from models.card import NETWORK, Card, read_card, read_verified, sha256, write_card
from models.familiarity import FILE, Familiarity
from models.serving import LiteRtClassifier, Outputs, softmax
from models.training import splits
from models.training.data import load_images
from models.training.splits import Photograph

FAMILIAR_SHARE = 0.99  # of the validation photographs
CHUNK = 256


def calibrate(name: str, data: Path, weights: Path, *, split: str | None = None, threads: int = 2) -> Card:
    """Put temperature, operating points and the limit of the familiar on the card of a compiled classifier.

    Nothing is learned from test photographs: they can't be reached from here.
    """
    folder = weights / name
    bare = replace(read_card(folder), unfamiliar_above=None, temperature=1.0)
    classifier = LiteRtClassifier(bare, read_verified(bare, folder, NETWORK), None, threads)
    train, validation = splits.for_training(split or str(bare.training["split"]), bare.task)
    familiarity = Familiarity.fit(outputs_of(classifier, train, data).middle)
    seen = outputs_of(classifier, validation, data)
    labels = np.array([bare.task.codes.index(p.label) for p in validation])
    temperature = fit_temperature(seen.logits, labels)
    tempered = replace(bare, temperature=temperature)
    probabilities = softmax(seen.logits, temperature)
    malignant = list(bare.task.malignant_indices)
    (folder / FILE).write_bytes(familiarity.to_bytes())
    card = replace(
        tempered,
        unfamiliar_above=float(np.quantile(familiarity.distance(seen.middle), FAMILIAR_SHARE)),
        operating_points=operating_points(np.isin(labels, malignant), probabilities[:, malignant].sum(axis=1)),
        files={**bare.files, FILE: sha256((folder / FILE).read_bytes())},
    )
    write_card(folder, card)
    return card


def outputs_of(classifier: LiteRtClassifier, photographs: Sequence[Photograph], data: Path) -> Outputs:
    """Return what a network answers for photographs, read in chunks so that memory stays small."""
    parts = []
    for start in tqdm(range(0, len(photographs), CHUNK), unit="batch"):
        images = load_images(photographs[start : start + CHUNK], data, classifier.task, classifier.card.input_px)
        parts.append(classifier.outputs(images.pixels))
    return Outputs(*(np.concatenate([getattr(part, name) for part in parts]) for name in Outputs.__slots__))
