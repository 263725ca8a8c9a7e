"""Random views of photographs together with their outlines: both are moved alike, only the photograph is recoloured."""

from __future__ import annotations

from typing import Any

from keras import ops

from models.training.augmentation import Augmentation, RandomView


class PairedView(RandomView):
    """As `RandomView`, on squares whose fourth channel is the lesion: (n, px, px, 4) in [0, 255].

    Returns float32 photographs (n, px, px, 3) in [0, 255] and lesions (n, px, px, 1) in [0, 1].
    """

    def call(self, images: Any, training: bool = False) -> tuple[Any, Any]:
        """Return one random view of each pair; outside training the pairs as they are."""
        x = ops.cast(images, "float32")
        if self.augmentation is None or not training:
            return x[..., :3], x[..., 3:] / 255
        how: Augmentation = self.augmentation
        x = self._move(x, how)
        photographs = self._recolour(self._soften(x[..., :3], how), how)
        return photographs, x[..., 3:] / 255
