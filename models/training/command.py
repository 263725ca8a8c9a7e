"""``python -m models train``: from photographs to weights, learning curve and the first half of a card."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras

from models.architectures import ARCHITECTURES
from models.card import WEIGHTS, Card, sha256, write_card
from models.labels import task_of
from models.training import splits
from models.training.loop import Trainer, TrainingData
from models.training.recipes import RECIPES

LICENCE = "Research use. Trained on HAM10000 (Tschandl et al. 2018), CC BY-NC 4.0."
LIMITS = (
    "Decision support for clinicians, not a diagnosis, and not a medical device.",
    "Learned from dermoscopic photographs of pigmented lesions only; other pictures are not judged reliably.",
    "Knows seven classes: squamous cell carcinoma, inflammatory disease and others are not among them.",
    "Most of the patients were fair-skinned, from Austria and Australia; darker skin was not measured.",
    "Children, nails, mucosa and soles are rare in the data.",
)


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
    version: str = "1.0.0",
) -> Path:
    """Train the classifier `name` and return its folder ``OUT/NAME``; checkpoints and curve are kept in OUT.

    KeyError if the architecture, task or recipe is unknown; FileNotFoundError if a photograph is missing.
    """
    architecture, chosen = ARCHITECTURES[name.rpartition("-")[0]], RECIPES[recipe]
    if epochs is not None:
        chosen = chosen.with_epochs(epochs)
    trainer = Trainer(architecture, task_of(name), chosen, TrainingData(*splits.for_training(split), data), out)
    if not (resume and trainer.resume()) and init is not None:
        trainer.start_from(init)
    network = trainer.run()
    facts = {
        "split": Path(split).stem,
        "recipe": recipe,
        **chosen.to_dict(),
        "photographs": len(trainer.data.train),
        "pretrained": None if init is None else {"file": init.name, "sha256": sha256(init.read_bytes())},
        "software": {"keras": keras.version(), "backend": keras.backend.backend()},
        "history": trainer.history,
    }
    return _write(out / name, version, trainer, network, facts)


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
        licence=LICENCE,
        limits=LIMITS,
    )
    write_card(folder, card)
    return folder
