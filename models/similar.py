"""The lesions of the training photographs that look most alike to a network: an exact search over its embeddings.

An index holds numbers and ids, no photographs. How a diagnosis was confirmed travels with it only to be shown; no
network ever sees it.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.prediction import SimilarCase

FILE = "similar.npz"
LESIONS = 5
COMPONENTS = 256  # of 1,280, say; the figures are in docs/decisions/0010-similar-cases-are-looked-up-exactly.md
LEVELS = 127  # of an int8 on each side of 0

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class KnownPhotograph:
    """A photograph that a network learned from; `confirmed_by` as in `SimilarCase`, empty where it is not known."""

    image_id: str
    lesion_id: str
    label: str
    confirmed_by: str


@dataclass(frozen=True, slots=True, eq=False)
class SimilarIndex:
    """The embeddings of n photographs, each of unit length, in their k leading directions.

    The directions are those of the singular value decomposition without centring, so that cosines are kept as well
    as k numbers can. In the file, a photograph is k int8 and their scale.
    """

    axes: Floats  # (c, k), orthonormal
    vectors: Floats  # (n, k)
    photographs: tuple[KnownPhotograph, ...]

    @classmethod
    def build(
        cls, embeddings: Floats, photographs: Sequence[KnownPhotograph], components: int = COMPONENTS
    ) -> SimilarIndex:
        """Index the embeddings (n, c) of as many photographs."""
        unit = embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)
        _, directions = np.linalg.eigh(unit.T @ unit)  # by rising eigenvalue
        axes = directions[:, ::-1][:, :components].astype(np.float32)
        return cls(axes, unit @ axes, tuple(photographs))

    def __len__(self) -> int:
        return len(self.photographs)

    def nearest(self, embedding: Floats, lesions: int = LESIONS) -> tuple[SimilarCase, ...]:
        """Return the lesions nearest to an embedding (c,), the nearest first, each by its best photograph."""
        # not by BLAS: its threads go on spinning for a while and would take a core from the network's next pass
        query = np.einsum("c,ck->k", embedding / np.linalg.norm(embedding), self.axes)
        cosines = np.einsum("nk,k->n", self.vectors, query)
        best: dict[str, SimilarCase] = {}
        for i in np.argsort(-cosines, kind="stable").tolist():
            known = self.photographs[i]
            best.setdefault(known.lesion_id, _case(known, float(cosines[i])))
            if len(best) == lesions:
                break
        return tuple(best.values())

    def to_bytes(self) -> bytes:
        """Return the content of the file that `from_bytes` reads."""
        scales = np.abs(self.vectors).max(axis=1, keepdims=True) / LEVELS
        buffer = io.BytesIO()
        np.savez(
            buffer,
            axes=self.axes.astype(np.float16),
            vectors=(self.vectors / scales).round().astype(np.int8),
            scales=scales,
            photographs=np.array([_columns(known) for known in self.photographs], dtype=np.bytes_),
        )
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> SimilarIndex:
        """Read what `to_bytes` wrote; never unpickles."""
        with np.load(io.BytesIO(content), allow_pickle=False) as saved:
            photographs = tuple(KnownPhotograph(*map(bytes.decode, row)) for row in saved["photographs"].tolist())
            return cls(saved["axes"].astype(np.float32), saved["vectors"] * saved["scales"], photographs)


def _columns(known: KnownPhotograph) -> tuple[str, str, str, str]:
    return known.image_id, known.lesion_id, known.label, known.confirmed_by


def _case(known: KnownPhotograph, cosine: float) -> SimilarCase:
    return SimilarCase(*_columns(known), similarity=min(1.0, cosine))
