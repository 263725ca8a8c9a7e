"""Training recipes: sizes, lengths and rates, by name."""

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

    The rate rises linearly over `warm_up` steps to `rate` and falls to `final_rate` along a cosine.
    `prior_exponent` is the tau of logit adjustment (Menon et al., ICLR 2021): training adds tau * log(prior) to
    the logits, so that rare classes are not drowned; the shift becomes part of the final bias.
    """

    stages: tuple[Stage, ...]
    batch: int = 32
    rate: float = 6e-4
    final_rate: float = 6e-6
    warm_up: int = 300
    weight_decay: float = 0.02
    dropout: float = 0.4
    label_smoothing: float = 0.05
    mixup: float = 0.0  # alpha of the Beta distribution that shares are drawn from
    prior_exponent: float = 0.5
    averaging: float = 0.998  # exponential moving average of the weights, a step
    serving_px: int = 224
    views: int = 4  # the served network answers the mean over the picture and its mirror images
    recalibration_images: int = 2560
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

    def to_dict(self) -> dict[str, Any]:
        """Return the recipe as JSON values, for the card."""
        return asdict(self)


RECIPES = {
    "ours": Recipe(stages=(Stage(128, 14), Stage(192, 12))),
    "refine": Recipe(stages=(Stage(160, 6), Stage(192, 9)), rate=4e-4, final_rate=4e-6, mixup=0.2, seed=1),
    "smoke": Recipe(stages=(Stage(32, 2),), batch=8, warm_up=2, serving_px=32, recalibration_images=16, averaging=0.5),
}
