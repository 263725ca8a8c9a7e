"""A checkpoint on disk: every variable of a training run, written whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class State:
    """Where a run stood: optimiser steps done, curve so far, and the averaged weights."""

    step: int
    history: list[dict[str, float]]
    average: list[npt.NDArray[np.float32]]


class Checkpoint:
    """Saves to and loads from ``checkpoint.npz`` in one folder; never unpickles."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / "checkpoint.npz"

    def save(
        self, variables: Sequence[Any], average: Sequence[Any], step: int, history: list[dict[str, float]]
    ) -> None:
        """Write everything to a second file, then put it in place of the first."""
        arrays = {f"v{i}": np.asarray(v) for i, v in enumerate(variables)}
        arrays |= {f"a{i}": a for i, a in enumerate(average)}
        meta = np.frombuffer(json.dumps({"step": step, "history": history}).encode(), dtype=np.uint8)
        partial = self._path.with_suffix(".partial.npz")
        np.savez(partial, allow_pickle=False, meta=meta, **arrays)
        os.replace(partial, self._path)

    def load(self, variables: Sequence[Any]) -> State | None:
        """Assign the saved values to `variables`; None if nothing was saved yet."""
        if not self._path.exists():
            return None
        with np.load(self._path, allow_pickle=False) as saved:
            meta = json.loads(saved["meta"].tobytes())
            for i, variable in enumerate(variables):
                variable.assign(saved[f"v{i}"])
            count = sum(name.startswith("a") for name in saved.files)
            average = [saved[f"a{i}"] for i in range(count)]
        return State(meta["step"], meta["history"], average)
