"""A checkpoint on disk: every variable of a training run, written whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True)
class State:
    """Where a run stood: optimiser steps done, and the curve so far."""

    step: int
    history: list[dict[str, float]]


class Checkpoint:
    """Saves to and loads from ``checkpoint.npz`` in one folder; never unpickles."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / "checkpoint.npz"

    def save(self, variables: Sequence[Any], step: int, history: list[dict[str, float]]) -> None:
        """Write everything to a second file, then put it in place of the first."""
        arrays = {f"v{i}": np.asarray(v) for i, v in enumerate(variables)}
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
        return State(meta["step"], meta["history"])
