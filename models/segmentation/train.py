"""``python -m models outline-train``: from photographs and outlines to weights, curve and the first half of a card."""

from __future__ import annotations

import os
import platform
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import keras

from models.card import sha256
from models.segmentation.architecture import BACKBONE, NAME, TITLE
from models.segmentation.card import WEIGHTS, OutlineCard, write_card
from models.segmentation.recipes import RECIPES
from models.segmentation.trainer import OutlinedPhotographs, OutlineTrainer
from models.training import splits

SPLIT = "ham7-grouped"
LICENCE = (
    "Research use. Trained on HAM10000 (Tschandl et al. 2018) and the outlines of its lesions (Tschandl et al. 2020), "
    "both CC BY-NC 4.0."
)
CAUTIONS = (
    "Learned from dermoscopic photographs of one pigmented lesion; others are not outlined reliably.",
    "It learned from one outline of each photograph: how far experts differ among themselves is not in the data.",
    "A lesion that reaches beyond the square can't be measured, and is refused.",
)


def train(
    data: Path,
    out: Path,
    *,
    recipe: str = "ours",
    split: str = SPLIT,
    init: Path | None = None,
    seed: int | None = None,
    resume: bool = False,
    version: str = "1.0.0",
) -> Path:
    """Train the outlining network and return its folder ``OUT/outline``; checkpoints are kept in OUT.

    KeyError if there is no such recipe, SplitError if the split is too small, FileNotFoundError if a photograph or an
    outline is missing.
    """
    chosen = RECIPES[recipe] if seed is None else replace(RECIPES[recipe], seed=seed)
    trainer = OutlineTrainer(chosen, OutlinedPhotographs(*splits.for_training(split), data), out, init=init)
    if resume:
        trainer.resume()
    network = trainer.run()
    folder = out / NAME
    folder.mkdir(parents=True, exist_ok=True)
    network.save_weights(folder / WEIGHTS)
    card = OutlineCard(
        name=NAME,
        title=TITLE,
        version=version,
        input_px=chosen.serving_px,
        scaling=BACKBONE.scaling,
        parameters=network.count_params(),
        files={WEIGHTS: sha256((folder / WEIGHTS).read_bytes())},
        training={
            "split": Path(split).stem,
            "recipe": recipe,
            **chosen.to_dict(),
            "photographs": len(trainer.data.train),
            "init": None if init is None else {"file": init.name, "sha256": sha256(init.read_bytes())},
            "software": {"keras": keras.version(), "backend": keras.backend.backend()},
            "hardware": {"processor": platform.machine(), "cores": os.cpu_count()},
            "date": datetime.now(UTC).date().isoformat(),
            "history": trainer.history,
        },
        licence=LICENCE,
        cautions=CAUTIONS,
    )
    write_card(folder, card)
    return folder
