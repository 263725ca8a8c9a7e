"""How the outlining network is trained: recipes by name, in the words of `models.training.recipes`."""

from __future__ import annotations

from models.training.recipes import Recipe, Stage

RECIPES = {
    "ours": Recipe(
        stages=(Stage(128, 6), Stage(160, 2)),
        rate=1e-3,
        final_rate=1e-5,
        warm_up=150,
        validate_every=2,
        averaging=0.995,
        serving_px=160,
        views=1,
        recalibration_images=1280,
    ),
    "smoke": Recipe(
        stages=(Stage(32, 1), Stage(64, 1)),
        batch=8,
        warm_up=2,
        validate_every=1,
        averaging=0.5,
        serving_px=64,
        views=1,
        recalibration_images=16,
    ),
}
