"""Training recipes: sizes, lengths, rates and views, by name."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Stage:
    """Some epochs at one picture size, in pixels a side."""

    px: int
    epochs: int


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides how a network is trained, apart from the network and the data.

    With `halve_after` 0 the rate rises linearly over `warm_up` steps to `rate` and falls to `final_rate` along a
    cosine; else it starts at `rate` and is halved whenever so many epochs brought no better validation accuracy.
    `stop_after` so many epochs without a better one, training ends; 0 means never. `keep_best` returns the weights of
    the best epoch, not of the last one.

    `prior_exponent` is the tau of logit adjustment (Menon et al., ICLR 2021): training adds tau * log(prior) to
    the logits, so that rare classes are not drowned; the shift becomes part of the final bias. `l2` is a penalty on
    the kernels of the head, `weight_decay` a decay of all kernels, apart from the gradient (AdamW; 0: plain Adam).
    """

    stages: tuple[Stage, ...]
    batch: int = 32
    rate: float = 6e-4
    final_rate: float = 6e-6
    warm_up: int = 300
    halve_after: int = 0
    stop_after: int = 0
    keep_best: bool = False
    validate_every: int = 4  # epochs
    weight_decay: float = 0.02
    l2: float = 0.0
    dropout: float | None = 0.4  # None: what the head's own source says
    frozen_until: str = ""  # the last layer that keeps its pretrained weights; "" trains everything
    label_smoothing: float = 0.05
    mixup: float = 0.0  # alpha of the Beta distribution that shares are drawn from
    prior_exponent: float = 0.5
    averaging: float = 0.998  # exponential moving average of the weights, a step; 0: none
    augmentation: str = "strong"  # a name of `augmentation.AUGMENTATIONS`
    precision: str = "float32"  # or mixed_bfloat16
    serving_px: int = 224
    views: int = 8  # that the served network answers the mean of: see `models.views`
    recalibration_images: int = 2560  # for batch norm at the serving size; 0: as training left it
    seed: int = 0

    @property
    def epochs(self) -> int:
        """Epochs over all stages."""
        return sum(stage.epochs for stage in self.stages)

    def px_at(self, epoch: int) -> int:
        """Return the picture size of an epoch, counted from 0."""
        for stage in self.stages:
            if epoch < stage.epochs:
                return stage.px
            epoch -= stage.epochs
        return self.stages[-1].px

    def with_epochs(self, epochs: int) -> Recipe:
        """Return the recipe with as many epochs, shared out over the stages in proportion."""
        done, stages = 0, []
        for i, stage in enumerate(self.stages):
            left = sum(later.epochs for later in self.stages[i:])
            share = round((epochs - done) * stage.epochs / left)
            stages.append(Stage(stage.px, share))
            done += share
        return replace(self, stages=tuple(stages))

    def at_one_size(self, px: int) -> Recipe:
        """Return the recipe for a network that takes one size only."""
        return replace(self, stages=(Stage(px, self.epochs),), serving_px=px)

    def to_dict(self) -> dict[str, Any]:
        """Return the recipe as JSON values, for the card."""
        return asdict(self)


RECIPES = {
    "ours": Recipe(stages=(Stage(128, 14), Stage(192, 12))),
    "refine": Recipe(stages=(Stage(160, 6), Stage(192, 9)), rate=4e-4, final_rate=4e-6, mixup=0.2, seed=1),
    "smoke": Recipe(
        stages=(Stage(32, 2),),
        batch=8,
        warm_up=2,
        validate_every=2,
        serving_px=32,
        views=4,
        recalibration_images=16,
        averaging=0.5,
    ),
}
