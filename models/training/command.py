"""``python -m models train``: from photographs to ``network.weights.h5`` and its learning curve."""

from __future__ import annotations

import json
from pathlib import Path

from models.architectures import ARCHITECTURES
from models.labels import task_of
from models.training import splits
from models.training.loop import Trainer, TrainingData
from models.training.recipes import RECIPES


def train(
    name: str, data: Path, out: Path, *, recipe_name: str, split: str, init: Path | None, epochs: int | None, resume: bool
) -> Path:
    """Train the classifier `name` and return the path of its weights.

    ValueError if the architecture or the task is unknown; FileNotFoundError if a photograph is missing.
    """
    architecture = ARCHITECTURES[name.rpartition("-")[0]]
    recipe = RECIPES[recipe_name]
    if epochs is not None:
        recipe = recipe.with_epochs(epochs)
    out.mkdir(parents=True, exist_ok=True)
    trainer = Trainer(architecture, task_of(name), recipe, TrainingData(*splits.for_training(split), data), out)
    if not (resume and trainer.resume()) and init is not None:
        trainer.start_from(init)
    network = trainer.run()
    path = out / "network.weights.h5"
    network.save_weights(path)
    facts = {
        "name": name, "split": split, "recipe_name": recipe_name, "recipe": recipe.to_dict(),
        "pretrained": init is not None, "history": trainer.history,
    }
    (out / "training.json").write_text(json.dumps(facts, indent=1))
    return path
