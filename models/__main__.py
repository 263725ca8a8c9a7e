"""``python -m models list|predict|train|sweep|calibrate|index|evaluate|compile``: the classifiers from a shell."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from PIL import Image

from models.card import Card, CardError, Interval
from models.labels import task_of
from models.photograph import upright_rgb
from models.prediction import Classifier, Prediction
from models.registry import Registry, UnavailableError
from models.training import sweep
from models.training.splits import SplitError, usual

WEIGHTS = Path(__file__).with_name("weights")
DEFAULT = "mobilenetv2-ham7"
READERS = 2
BATCH = 16  # pictures that are answered before the first of the next is read
UNREADABLE = (OSError, SyntaxError, ValueError, Image.DecompressionBombError)  # what Pillow raises
SHOWN = ("accuracy", "balanced_accuracy", "macro_auc", "malignant_auc")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    options = _parser().parse_args(arguments)
    try:
        status: int = options.run(options)
    except (UnavailableError, CardError, SplitError, sweep.SweepError, FileNotFoundError, KeyError) as error:
        print(f"models: {error.args[0] if isinstance(error, KeyError) else error}", file=sys.stderr)
        return 2
    return status


def _list(options: argparse.Namespace) -> int:
    rows = [_summary(card, options.weights) for card in Registry(options.weights).cards()]
    if options.json:
        print(json.dumps(rows, indent=1))
        return 0
    for row in rows:
        figures = "  ".join(f"{name} {row['metrics'][name]['value']:.3f}" for name in SHOWN if name in row["metrics"])
        print(f"{row['name']:20} {row['task']:7} {row['version']:8} {row['megabytes']:6.1f} MB  {figures}")
    return 0


def _summary(card: Card, weights: Path) -> dict[str, Any]:
    size = sum(path.stat().st_size for path in (weights / card.name).glob("*.tflite"))
    found = {name: card.held_out(name) for name in SHOWN}
    return {
        "name": card.name,
        "title": card.title,
        "task": card.task.name,
        "classes": list(card.classes),
        "version": card.version,
        "parameters": card.parameters,
        "megabytes": round(size / 1e6, 1),
        "split": card.training.get("split"),
        "metrics": {name: _interval(figure) for name, figure in found.items() if figure is not None},
    }


def _interval(figure: Interval) -> dict[str, float]:
    return {"value": figure.value, "low": figure.low, "high": figure.high}


def _predict(options: argparse.Namespace) -> int:
    registry = Registry(options.weights)
    if options.model not in registry:
        raise KeyError(f"there is no classifier {options.model}; see: python -m models list")
    classifier = registry[options.model]
    failed = False
    for row in _answers(classifier, options.images):
        failed |= "error" in row
        print(json.dumps(row) if options.json else _line(row), flush=True)
    return int(failed)


def _answers(classifier: Classifier, paths: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Answer for pictures in their order; some are read while the network looks at another."""
    with ThreadPoolExecutor(READERS) as pool:
        for start in range(0, len(paths), BATCH):
            yield from pool.map(partial(_answer, classifier), paths[start : start + BATCH])


def _answer(classifier: Classifier, path: str) -> dict[str, Any]:
    try:
        with Image.open(path) as image:
            prediction = classifier.predict(upright_rgb(image))
    except UNREADABLE as error:
        return {"image": path, "error": str(error) or type(error).__name__}
    return {"image": path, **_fields(prediction)}


def _fields(prediction: Prediction) -> dict[str, Any]:
    return {
        "model": prediction.model,
        "version": prediction.version,
        "label": prediction.label,
        "probabilities": dict(prediction.probabilities),
        "malignancy": prediction.malignancy,
        "accepted": prediction.accepted,
        "reasons": list(prediction.reasons),
    }


def _line(row: dict[str, Any]) -> str:
    if "error" in row:
        return f"{row['image']}: can't be read: {row['error']}"
    share = row["probabilities"][row["label"]]
    remarks = f"  ({', '.join(row['reasons'])})" if row["reasons"] else ""
    return f"{row['image']}: {row['label']} {share:.3f}  malignancy {row['malignancy']:.3f}{remarks}"


def _train(options: argparse.Namespace) -> int:
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
        changes=None if options.seed is None else {"seed": options.seed},
        version=options.version,
    )
    print(folder)
    return 0


def _sweep(options: argparse.Namespace) -> int:
    cells = sweep.grid(options.dropout, options.batch, options.train_share)
    asked = sweep.Sweep(options.name, options.recipe, options.split, options.init, options.epochs)
    sweep.run(asked, cells, options.data, options.out, train=sweep.train_cell, tell=print)
    print((options.out / sweep.TABLE).read_text(), end="")
    return 0


def _compile(options: argparse.Namespace) -> int:
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


def _calibrate(options: argparse.Namespace) -> int:
    from models.training.calibrate import calibrate  # noqa: PLC0415 - as slow to import

    card = calibrate(options.name, options.data, options.weights, split=options.split)
    points = {name: round(value, 4) for name, value in card.operating_points.items()}
    print(f"{card.name}: temperature {card.temperature:.3f}, {points}, unfamiliar above {card.unfamiliar_above:.2f}")
    return 0


def _index(options: argparse.Namespace) -> int:
    from models.training.index import index_training  # noqa: PLC0415 - NumPy, LiteRT

    index = index_training(options.name, options.data, options.weights, split=options.split)
    print(f"{options.name}: {len(index):,} training photographs can be found by how alike they look")
    return 0


def _evaluate(options: argparse.Namespace) -> int:
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


def _report(options: argparse.Namespace) -> int:
    from models.evaluation.pages import write_pages  # noqa: PLC0415 - as slow to import

    for path in write_pages(options.weights):
        print(path)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m models", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    listing = _command(commands, "list", _list, "the classifiers and their held-out figures")
    listing.add_argument("--json", action="store_true")

    predicting = _command(commands, "predict", _predict, "classify photographs")
    predicting.add_argument("--model", default=DEFAULT)
    predicting.add_argument("--json", action="store_true", help="one JSON object a line")
    predicting.add_argument("images", nargs="+", metavar="IMAGE")

    training = _command(commands, "train", _train, "train a classifier", named=True)
    training.add_argument("--data", type=Path, required=True, help="folder of the photographs")
    training.add_argument("--out", type=Path, required=True, help="folder for checkpoints and OUT/NAME")
    training.add_argument("--init", type=Path, help="weights to start from (.weights.h5): a backbone's or a network's")
    training.add_argument("--epochs", type=int, help="instead of the recipe's")
    training.add_argument("--seed", type=int, help="instead of the recipe's")
    training.add_argument("--version", default="1.0.0", help="for the card")
    training.add_argument("--recipe", default="ours", help="ours, refine, source, or smoke for a run of seconds")
    training.add_argument("--split", help="name of a split, or path of a CSV file; default: the task's grouped one")
    training.add_argument("--resume", action="store_true", help="go on from the last checkpoint in OUT")

    sweeping = _command(commands, "sweep", _sweep, "train over a grid of dropout, batch and data", named=True)
    sweeping.add_argument("--data", type=Path, required=True, help="folder of the photographs")
    sweeping.add_argument("--out", type=Path, required=True, help="folder for a run for each cell, and the table")
    sweeping.add_argument("--init", type=Path, help="backbone weights to start from (.weights.h5)")
    sweeping.add_argument("--epochs", type=int, help="instead of the recipe's")
    sweeping.add_argument("--recipe", default="source", help="as for train")
    sweeping.add_argument("--split", default=sweep.SPLIT, help="a split of 70 : 15 : 15")
    sweeping.add_argument("--dropout", type=float, nargs="+", default=sweep.DROPOUTS)
    sweeping.add_argument("--batch", type=int, nargs="+", default=sweep.BATCHES)
    sweeping.add_argument("--train-share", type=int, nargs="+", default=sweep.SHARES, help="percent: 70, 80 or both")

    compiling = _command(commands, "compile", _compile, "make the serving format and check it", named=True)
    compiling.add_argument("--precision", choices=("auto", "fp32", "fp16", "int8"), default="auto")
    compiling.add_argument("--data", type=Path, help="validation photographs, to choose the smallest that is as good")
    compiling.add_argument("--split", help="default: the split it was trained on")
    compiling.add_argument(
        "--views", type=int, choices=(1, 4, 8), help="that it answers the mean of; default: as before"
    )

    calibrating = _command(commands, "calibrate", _calibrate, "fit temperature and thresholds", named=True)
    calibrating.add_argument("--data", type=Path, required=True)
    calibrating.add_argument("--split", help="default: the split it was trained on")

    indexing = _command(commands, "index", _index, "index the training photographs for similar cases", named=True)
    indexing.add_argument("--data", type=Path, required=True)
    indexing.add_argument("--split", help="default: the split it was trained on")

    evaluating = _command(commands, "evaluate", _evaluate, "measure on test photographs", named=True)
    evaluating.add_argument("--data", type=Path, required=True)
    evaluating.add_argument("--out", type=Path, required=True)
    evaluating.add_argument("--split", help="default: the split it was trained on")
    evaluating.add_argument("--quick", action="store_true", help="leave the controls out")
    evaluating.add_argument("--write-card", action="store_true", help="put the figures on the card")
    evaluating.add_argument("--keep", action="store_true", help="keep the figures of a network that is not shipped")
    evaluating.add_argument(
        "--seen-lesions",
        choices=("refuse", "leave-out", "mark"),
        default="refuse",
        help="test lesions that training saw, on a split that it was not trained on",
    )

    _command(commands, "report", _report, "write the pages of figures in docs/ from cards and measurements")
    return parser


def _command(commands: Any, name: str, run: Any, explanation: str, *, named: bool = False) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(name, help=explanation, description=explanation)
    command.add_argument("--weights", type=Path, default=WEIGHTS, help="folder of the trained classifiers")
    command.set_defaults(run=run)
    if named:
        command.add_argument("name", metavar="NAME", help="ARCHITECTURE-TASK, as in mobilenetv2-ham7")
    return command


if __name__ == "__main__":
    sys.exit(main())
