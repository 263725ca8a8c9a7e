"""What the shell can have made: trained, compiled, calibrated and measured classifiers."""

from __future__ import annotations

import argparse
import sys

from models.labels import task_of
from models.shell.answering import SHOWN
from models.training import sweep
from models.training.splits import usual

INSTEAD = ("seed", "precision")  # options that stand for a field of the recipe


def train_one(options: argparse.Namespace) -> int:
    """Train a classifier and print its folder."""
    from models.training.command import train  # noqa: PLC0415 - Keras takes seconds to import

    folder = train(
        options.name,
        options.data,
        options.out,
        recipe=options.recipe,
        split=options.split or usual(task_of(options.name)),
        init=options.init,
        epochs=options.epochs,
        resume=options.resume,
        changes={name: value for name in INSTEAD if (value := getattr(options, name)) is not None},
        version=options.version,
    )
    print(folder)
    return 0


def convert_backbone(options: argparse.Namespace) -> int:
    """Write a backbone that PyTorch saved as Keras's weights file."""
    from models.training.torch_backbone import convert  # noqa: PLC0415 - Keras takes seconds to import

    convert(options.name, options.source, options.out)
    print(options.out)
    return 0


def train_grid(options: argparse.Namespace) -> int:
    """Train a grid of recipes and print its table."""
    cells = sweep.grid(options.dropout, options.batch, options.train_share)
    asked = sweep.Sweep(options.name, options.recipe, options.split, options.init, options.epochs)
    sweep.run(asked, cells, options.data, options.out, train=sweep.train_cell, tell=print)
    print((options.out / sweep.TABLE).read_text(), end="")
    return 0


def join_two(options: argparse.Namespace) -> int:
    """Make a second network a member of a classifier, and say what is still to be done."""
    from models.training.join import join  # noqa: PLC0415 - needed here only

    card = join(options.name, options.weights, options.other, options.version)
    print(f"{card.name} {card.version} has {card.members} members; compile, calibrate, index and evaluate it")
    return 0


def compile_one(options: argparse.Namespace) -> int:
    """Compile a classifier, and print what was chosen and how far it is from Keras."""
    from models.compile import compile_network  # noqa: PLC0415 - imports TensorFlow

    card = compile_network(
        options.name,
        options.weights,
        options.precision,
        data=options.data,
        split=options.split,
        views=options.views,
    )
    made = card.compiled
    lost = {name: round(difference, 4) for name, difference in made["differences"].items()}
    print(f"{options.name}: {made['precision']}, {made['milliseconds']} ms a pass; differences from fp32 {lost}")
    print(f"largest difference of a probability {made['probability_difference']:.1e}")
    return 0


def calibrate_one(options: argparse.Namespace) -> int:
    """Fit temperature, operating points and the limit of the familiar, and print them."""
    from models.training.calibrate import calibrate  # noqa: PLC0415 - as slow to import

    card = calibrate(options.name, options.data, options.weights, split=options.split)
    points = {name: round(value, 4) for name, value in card.operating_points.items()}
    print(f"{card.name}: temperature {card.temperature:.3f}, {points}, unfamiliar above {card.unfamiliar_above:.2f}")
    return 0


def index_one(options: argparse.Namespace) -> int:
    """Index the training photographs for similar cases."""
    from models.training.index import index_training  # noqa: PLC0415 - NumPy, LiteRT

    index = index_training(options.name, options.data, options.weights, split=options.split)
    print(f"{options.name}: {len(index):,} training photographs can be found by how alike they look")
    return 0


def evaluate_one(options: argparse.Namespace) -> int:
    """Measure a classifier on test photographs and print the most important figures."""
    from models.evaluation.command import evaluate  # noqa: PLC0415 - scikit-learn and matplotlib

    figures = evaluate(
        options.name,
        options.data,
        options.out,
        split=options.split,
        weights=options.weights,
        write_card=options.write_card,
        keep=options.keep,
        quick=options.quick,
        seen_lesions=options.seen_lesions,
    )
    for name in (shown for shown in SHOWN if figures[shown] is not None):
        print(f"{name:20} {figures[name]['value']:.4f}  [{figures[name]['low']:.4f}, {figures[name]['high']:.4f}]")
    if learned := figures["lesions_learned_from"]:
        print(f"leaking: training or validation saw {learned:,} of the {figures['lesions']:,} lesions", file=sys.stderr)
    return 0


def complete_cards(options: argparse.Namespace) -> int:
    """Put onto the cards what the kept predictions tell, and print their folders."""
    from models.evaluation.spread import put_on_cards  # noqa: PLC0415 - as slow to import

    for folder in put_on_cards(options.weights):
        print(folder)
    return 0


def write_reports(options: argparse.Namespace) -> int:
    """Write the pages of figures and print their paths."""
    from models.evaluation.pages import write_pages  # noqa: PLC0415 - as slow to import

    for path in write_pages(options.weights):
        print(path)
    return 0
