"""Is the picture like those the network learned from? Distance of its middle features from theirs.

The channel means of a middle layer tell a lesion from other things far better than the embedding does: the last
layers have forgotten what does not help to tell lesions apart. The figures are in
``docs/decisions/0006-a-middle-layer-tells-what-is-a-lesion.md``.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FILE = "familiarity.npz"
COMPONENTS = 64
SLIGHTEST = 1e-4  # spread of a component that counts, beside the greatest; less is rounding
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Familiarity:
    """Mahalanobis distance in the leading principal components, and the residual outside them.

    After Lee et al. (NeurIPS 2018) and, for the residual, Wang et al. (CVPR 2022, ViM); both parts are in units of
    their mean over the training photographs, so that 2 is what a training photograph has on average.
    """

    mean: Floats  # (c,)
    axes: Floats  # (c, k), orthonormal
    variances: Floats  # (k,)
    residual: float

    @classmethod
    def fit(cls, features: Floats, components: int = COMPONENTS) -> Familiarity:
        """Learn from features (n, c) of training photographs; channels that are always the same tell nothing."""
        mean = features.mean(axis=0)
        centred = features - mean
        _, spread, axes = np.linalg.svd(centred, full_matrices=False)
        k = min(components, int(np.sum(spread > SLIGHTEST * spread[0])) - 1)
        kept = axes[:k].T.astype(np.float32)
        variances = (spread[:k] ** 2 / len(features)).astype(np.float32)
        outside = np.sum(centred**2, axis=1) - np.sum((centred @ kept) ** 2, axis=1)
        return cls(mean.astype(np.float32), kept, variances, float(outside.mean()))

    def distance(self, features: Floats) -> Floats:
        """Return the distance of each row (n, c), shape (n,); about 2 for the familiar, more for the strange."""
        centred = features - self.mean
        inside = centred @ self.axes
        mahalanobis = np.mean(inside**2 / self.variances, axis=1)
        outside = np.maximum(0, np.sum(centred**2, axis=1) - np.sum(inside**2, axis=1))
        distance: Floats = mahalanobis + outside / self.residual
        return distance

    def to_bytes(self) -> bytes:
        """Return the content of the file that `from_bytes` reads."""
        buffer = io.BytesIO()
        np.savez(
            buffer,
            mean=self.mean,
            axes=self.axes,
            variances=self.variances,
            residual=np.float32(self.residual),
        )
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> Familiarity:
        """Read what `to_bytes` wrote; never unpickles."""
        with np.load(io.BytesIO(content), allow_pickle=False) as saved:
            return cls(saved["mean"], saved["axes"], saved["variances"], float(saved["residual"]))
