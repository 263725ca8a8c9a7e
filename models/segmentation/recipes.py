"""How the outlining network is trained: recipes by name, in the words of `models.training.recipes`."""

from __future__ import annotations

from models.training.recipes import Recipe, Stage

RECIPES = {
    "ours": Recipe(
        stages=(Stage(128, 6),),
        rate=1e-3,
        final_rate=1e-5,
        warm_up=150,
        validate_every=2,
        averaging=0.995,
        serving_px=128,
        views=1,
        recalibration_images=1280,
    ),
    "smoke": Recipe(
        stages=(Stage(32, 2),),
        batch=8,
        warm_up=2,
        validate_every=2,
        averaging=0.5,
        serving_px=32,
        views=1,
        recalibration_images=16,
    ),
}
