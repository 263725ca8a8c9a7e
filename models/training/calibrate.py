"""``python -m models calibrate``: temperature, operating points, familiarity and the worth of a patient's facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from models.calibration import fit_shift, operating_points
from models.card import NETWORK, Card, read_card, read_verified, sha256, write_card
from models.familiarity import FILE, Familiarity
from models.labels import Task
from models.patient import Patient
from models.serving import NetworkClassifier, Outputs, softmax
from models.training import splits
from models.training.data import load_images
from models.training.evidence import fit_evidence, read_patients
from models.training.splits import Photograph

FAMILIAR_SHARE = 0.99  # of the validation photographs
CHUNK = 256


def calibrate(name: str, data: Path, weights: Path, *, split: str | None = None, threads: int = 2) -> Card:
    """Put temperature, shift, operating points, limit of the familiar and patients' facts on a compiled one's card.

    Nothing is learned from test photographs: they can't be reached from here.
    """
    folder = weights / name
    bare = replace(read_card(folder), unfamiliar_above=None, temperature=1.0, shift=(), patient={})
    classifier = NetworkClassifier(bare, read_verified(bare, folder, NETWORK), None, threads)
    train, validation = splits.for_training(split or str(bare.training["split"]), bare.task)
    familiarity = Familiarity.fit(outputs_of(classifier, train, data).middle)
    seen = outputs_of(classifier, validation, data)
    learned, labels = (_labels(bare.task, part) for part in (train, validation))
    shift, temperature = fit_shift(seen.logits, labels, _log_prior(bare.task, learned))
    probabilities = softmax(seen.logits, temperature, shift)
    patients = read_patients(data)
    of_train, of_validation = ([patients.get(p.image_id, Patient()) for p in part] for part in (train, validation))
    evidence = fit_evidence((of_train, learned), (of_validation, labels), seen.logits / temperature + shift)
    malignant = list(bare.task.malignant_indices)
    (folder / FILE).write_bytes(familiarity.to_bytes())
    card = replace(
        bare,
        temperature=temperature,
        shift=tuple(shift.tolist()),
        patient=evidence.to_dict() if evidence.ratios else {},
        unfamiliar_above=float(np.quantile(familiarity.distance(seen.middle), FAMILIAR_SHARE)),
        operating_points=operating_points(np.isin(labels, malignant), probabilities[:, malignant].sum(axis=1)),
        files={**bare.files, FILE: sha256((folder / FILE).read_bytes())},
    )
    write_card(folder, card)
    return card


def outputs_of(classifier: NetworkClassifier, photographs: Sequence[Photograph], data: Path) -> Outputs:
    """Return what a network answers for photographs, read in chunks so that memory stays small."""
    parts = []
    for start in tqdm(range(0, len(photographs), CHUNK), unit="batch"):
        images = load_images(photographs[start : start + CHUNK], data, classifier.task, classifier.card.input_px)
        parts.append(classifier.outputs(images.pixels))
    return Outputs(*(np.concatenate([getattr(part, name) for part in parts]) for name in Outputs.__slots__))


def _labels(task: Task, photographs: Sequence[Photograph]) -> npt.NDArray[np.int64]:
    return np.array([task.codes.index(photograph.label) for photograph in photographs], dtype=np.int64)


def _log_prior(task: Task, labels: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    counts = np.bincount(labels, minlength=len(task.codes))
    log_prior: npt.NDArray[np.float64] = np.log(np.maximum(counts, 1) / counts.sum())
    return log_prior
