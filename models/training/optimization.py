"""What is optimised and how: the optimiser with its rates, the penalty, and the layers that stay as they are."""

from __future__ import annotations

from typing import Any

import keras

from models.architectures.base import FEATURES
from models.training.recipes import Recipe


def build_optimizer(recipe: Recipe, steps: int) -> keras.optimizers.Optimizer:
    """Return AdamW, or Adam where there is no decay, with the recipe's rates over so many steps."""
    rate: Any = recipe.rate
    if not recipe.halve_after and recipe.final_rate != recipe.rate:
        rate = keras.optimizers.schedules.CosineDecay(
            initial_learning_rate=recipe.rate / 100,
            decay_steps=max(1, steps - recipe.warm_up),
            alpha=recipe.final_rate / recipe.rate,
            warmup_target=recipe.rate,
            warmup_steps=recipe.warm_up,
        )
    average = {"use_ema": True, "ema_momentum": recipe.averaging} if recipe.averaging else {}
    if not recipe.weight_decay:
        return keras.optimizers.Adam(rate, **average)
    optimizer = keras.optimizers.AdamW(rate, weight_decay=recipe.weight_decay, **average)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer


def penalise_head(network: keras.Model, l2: float) -> None:
    """Add to the loss `l2` times the squared kernels of the dense layers that follow the features."""
    names = [layer.name for layer in network.layers]
    for layer in network.layers[names.index(FEATURES) + 1 :]:
        if l2 and isinstance(layer, keras.layers.Dense):
            layer.kernel.regularizer = keras.regularizers.L2(l2)


def freeze_until(network: keras.Model, last: str) -> None:
    """Let every layer up to the one called `last` keep its weights."""
    for layer in network.layers:
        layer.trainable = False
        if layer.name == last:
            return
