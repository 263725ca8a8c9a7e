"""``python -m models outline-compile``: the outlining network in the serving format, and proof that it is the same."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from models.card import sha256
from models.compile import CompileError, to_litert
from models.engines.alike import smooth_noise
from models.preprocessing import scale
from models.segmentation.card import NETWORK, OutlineCard, read_card, write_card
from models.segmentation.outliner import LiteRtOutliner
from models.segmentation.served import load_network, served_network

TOLERANCES = {"fp32": 1e-3, "fp16": 2e-2}  # largest difference of a share on squares of smooth noise
MOST_BYTES = 15_000_000
PROOFS = 8
TIMED_PASSES = 10


def compile_outliner(folder: Path, precision: str = "fp16", views: int = 4) -> OutlineCard:
    """Write the compiled network beside its weights, put on the card what that cost, and return the card.

    `precision` is how weights are stored, ``fp32`` or ``fp16``. CompileError, and nothing is written, if the compiled
    network answers otherwise than the Keras network, or if the file is too large.
    """
    card = read_card(folder)
    served = served_network(load_network(card, folder), card.input_px, card.scaling, views)
    content = to_litert(served, precision)
    difference = parity(card, served, content)
    if not difference < TOLERANCES[precision]:
        raise CompileError(f"{card.name}: {precision} changes a share by {difference:.2g}")
    if len(content) >= MOST_BYTES:
        raise CompileError(f"{card.name}: {precision} makes a file of {len(content) / 1e6:.0f} MB")
    compiled = {
        "precision": precision,
        "views": views,
        "share_difference": difference,
        "milliseconds": round(_milliseconds(card, content), 1),
    }
    (folder / NETWORK).write_bytes(content)
    card = replace(card, compiled=compiled, files={**card.files, NETWORK: sha256(content)})
    write_card(folder, card)
    return card


def parity(card: OutlineCard, served: Any, content: bytes) -> float:
    """Return the largest difference of any share between both engines, on squares of smooth noise."""
    outliner = LiteRtOutliner(card, content, threads=1)
    differences = []
    for square in smooth_noise(card.input_px, PROOFS):
        image = scale(square[np.newaxis].astype(np.float32), card.scaling)
        reference = np.asarray(served(image)["shares"])[0, ..., 0]
        differences.append(np.abs(outliner.shares(square) - reference).max())
    return float(max(differences))


def _milliseconds(card: OutlineCard, content: bytes) -> float:
    """Return what a square takes on one core: the least processor time of some passes."""
    outliner = LiteRtOutliner(card, content, threads=1)
    square = np.zeros((card.input_px, card.input_px, 3), dtype=np.uint8)
    times = []
    for _ in range(TIMED_PASSES):
        start = time.process_time()
        outliner.shares(square)
        times.append(time.process_time() - start)
    return 1000 * min(times)
