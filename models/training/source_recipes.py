"""The sources' own recipes, by architecture: ``--recipe source``. Where a source is silent, the comment says so."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from models.architectures import Architecture
from models.training.recipes import RECIPES, Recipe, Stage

SOURCE = "source"

_PLAIN = Recipe(
    stages=(Stage(224, 20),),
    rate=1e-3,
    final_rate=1e-3,
    warm_up=0,
    keep_best=True,
    validate_every=1,
    weight_decay=0.0,
    dropout=None,
    label_smoothing=0.0,
    prior_exponent=0.0,
    averaging=0.0,
    augmentation="none",
    views=1,
    recalibration_images=0,
)
# Adam 1e-4, batch 64, L2 0.01, 20 epochs, early stop; patience, flips and the frozen stages are our reading
_RESNET50 = replace(
    _PLAIN,
    batch=64,
    rate=1e-4,
    final_rate=1e-4,
    l2=0.01,
    stop_after=5,
    augmentation="gentle",
    frozen_until="conv2_block3_out",
)
# Adam's usual 1e-3, batch 32 and early stopping are our reading: these sources give the layers only
_SMALL = replace(_PLAIN, stop_after=5)

SOURCE_RECIPES = MappingProxyType(
    {
        "resnet50": _RESNET50,
        "mobilenetv2": replace(_RESNET50, frozen_until="block_2_add"),
        "inceptionv3": replace(_RESNET50, frozen_until="mixed0"),
        # Adam 1e-4, halved after 3 epochs without better validation accuracy, 50 epochs, best kept
        "alexnet": replace(
            _PLAIN, stages=(Stage(224, 50),), rate=1e-4, final_rate=1e-4, halve_after=3, augmentation="gentle"
        ),
        "cnn64": _SMALL.at_one_size(128),
        "cnn6m": _SMALL,
        "cnn3m": _SMALL,
    }
)


def recipe_for(name: str, architecture: Architecture) -> Recipe:
    """Return a recipe by name as it applies to an architecture; KeyError if there is no such recipe.

    A network of one size takes all epochs at that size. No source has trained EfficientNet-Lite on lesions.
    """
    if name == SOURCE and architecture.name not in SOURCE_RECIPES:
        raise KeyError(f"{architecture.title} has no recipe of a source: choose one of {', '.join(RECIPES)}")
    recipe = SOURCE_RECIPES[architecture.name] if name == SOURCE else RECIPES[name]
    return recipe if architecture.px is None else recipe.at_one_size(architecture.px)
