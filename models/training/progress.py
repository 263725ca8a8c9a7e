"""What the curve so far means for the rest of a training: the rate, the best epoch, and when to stop."""

from __future__ import annotations

from collections.abc import Sequence

Curve = Sequence[dict[str, float]]


def halvings(curve: Curve, patience: int) -> int:
    """Count how often `patience` epochs in a row, since the last halving, brought no better validation accuracy."""
    best, waited, halved = -1.0, 0, 0
    for entry in curve:
        if "validation_accuracy" not in entry:
            continue
        better = entry["validation_accuracy"] > best
        best, waited = max(best, entry["validation_accuracy"]), 0 if better else waited + 1
        if waited == patience:
            halved, waited = halved + 1, 0
    return halved


def best_epoch(curve: Curve) -> int:
    """Return the number, from 1, of the first epoch with the best validation accuracy; 0 if none was measured."""
    measured = [entry for entry in curve if "validation_accuracy" in entry]
    return int(max(measured, key=lambda entry: entry["validation_accuracy"])["epoch"]) if measured else 0


def is_over(curve: Curve, patience: int) -> bool:
    """Tell whether `patience` epochs have passed since the best one; never with 0."""
    return bool(patience and curve) and int(curve[-1]["epoch"]) - best_epoch(curve) >= patience
