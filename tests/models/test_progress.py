"""What a learning curve means for the rest of a training."""

from __future__ import annotations

import pytest

from models.training.progress import best_epoch, halvings, is_over


def curve(*accuracies: float) -> list[dict[str, float]]:
    return [{"epoch": i, "validation_accuracy": a} for i, a in enumerate(accuracies, start=1)]


@pytest.mark.parametrize(
    ("accuracies", "halved"),
    [
        ((), 0),
        ((0.5, 0.6, 0.7, 0.8), 0),
        ((0.8, 0.7, 0.7, 0.7), 1),
        ((0.8, 0.7, 0.7), 0),
        ((0.8, 0.8, 0.8, 0.8), 1),
        ((0.8, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7), 2),
        ((0.8, 0.7, 0.7, 0.9, 0.7, 0.7), 0),
    ],
)
def test_the_rate_is_halved_after_three_epochs_that_brought_nothing(accuracies: tuple[float, ...], halved: int) -> None:
    assert halvings(curve(*accuracies), 3) == halved


def test_the_first_of_equally_good_epochs_is_the_best() -> None:
    assert best_epoch(curve(0.5, 0.9, 0.7, 0.9)) == 2


def test_epochs_without_a_measurement_count_neither_way() -> None:
    entries = [{"epoch": 1, "loss": 1.0}, {"epoch": 2, "validation_accuracy": 0.5}, {"epoch": 3, "loss": 0.5}]

    assert best_epoch(entries) == 2
    assert halvings(entries, 1) == 0


def test_training_ends_so_many_epochs_after_the_best() -> None:
    assert not is_over(curve(0.9, 0.8), 2)
    assert is_over(curve(0.9, 0.8, 0.8), 2)


@pytest.mark.parametrize("patience", [0, 1])
def test_training_does_not_end_before_it_began(patience: int) -> None:
    assert not is_over([], patience)


def test_without_patience_training_runs_to_its_end() -> None:
    assert not is_over(curve(0.9, *[0.1] * 50), 0)
