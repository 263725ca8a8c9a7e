"""``python -m models train``: from photographs to weights, learning curve and the first half of a card."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import keras

from models.architectures import ARCHITECTURES, Architecture
from models.architectures.base import ArchitectureError
from models.card import WEIGHTS, Card, sha256, write_card
from models.labels import task_of
from models.training import splits
from models.training.loop import Trainer, TrainingData
from models.training.source_recipes import recipe_for
from models.training.statements import INTENDED_USE, licence_of, limits_of


def train(
    name: str,
    data: Path,
    out: Path,
    *,
    recipe: str,
    split: str,
    init: Path | None,
    epochs: int | None,
    resume: bool,
    changes: Mapping[str, Any] | None = None,
    version: str = "1.0.0",
) -> Path:
    """Train the classifier `name` and return its folder ``OUT/NAME``; checkpoints and curve are kept in OUT.

    `epochs` is instead of the recipe's, and so is each field that `changes` names. ArchitectureError or KeyError if
    the architecture, task or recipe is unknown; SplitError if the split is for another task or too small;
    FileNotFoundError if a photograph is missing.
    """
    architecture = _architecture_of(name)
    chosen = recipe_for(recipe, architecture)
    if epochs is not None:
        chosen = chosen.with_epochs(epochs)
    chosen = replace(chosen, **(changes or {}))
    task = task_of(name)
    found = TrainingData(*splits.for_training(split, task), data)
    trainer = Trainer(architecture, task, chosen, found, out, init=init)
    if resume:
        trainer.resume()
    network = trainer.run()
    facts = {
        "split": Path(split).stem,
        "recipe": recipe,
        **chosen.to_dict(),
        "photographs": len(trainer.data.train),
        "pretrained": None if init is None else {"file": init.name, "sha256": sha256(init.read_bytes())},
        "software": {"keras": keras.version(), "backend": keras.backend.backend()},
        "hardware": {"processor": platform.machine(), "cores": os.cpu_count(), "devices": _devices()},
        "date": datetime.now(UTC).date().isoformat(),
        "history": trainer.history,
    }
    return _write(out / name, version, trainer, network, facts)


def _architecture_of(name: str) -> Architecture:
    wanted = name.rpartition("-")[0]
    if wanted not in ARCHITECTURES:
        raise ArchitectureError(f"there is no architecture {wanted}: choose one of {', '.join(ARCHITECTURES)}")
    return ARCHITECTURES[wanted]


def _devices() -> list[str]:
    return [str(device) for device in keras.distribution.list_devices()]


def _write(folder: Path, version: str, trainer: Trainer, network: Any, facts: dict[str, Any]) -> Path:
    """Write weights and card of a trained network."""
    folder.mkdir(parents=True, exist_ok=True)
    network.save_weights(folder / WEIGHTS)
    card = Card(
        name=folder.name,
        title=trainer.architecture.title,
        version=version,
        architecture=trainer.architecture.name,
        input_px=trainer.recipe.serving_px,
        views=trainer.recipe.views,
        scaling=trainer.architecture.scaling,
        classes=trainer.task.codes,
        parameters=network.count_params(),
        files={WEIGHTS: sha256((folder / WEIGHTS).read_bytes())},
        training=facts,
        intended_use=INTENDED_USE,
        licence=licence_of(str(facts["split"])),
        limits=limits_of(trainer.task),
    )
    write_card(folder, card)
    return folder
