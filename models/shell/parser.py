"""The commands of ``python -m models`` and their options."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from models.patient import OLDEST, SEXES, SITES
from models.shell import answering, making, outlining
from models.training import sweep

WEIGHTS = Path(__file__).parents[1] / "weights"
DEFAULT = "mobilenetv2-ham7"


def build_parser() -> argparse.ArgumentParser:
    """Return the parser; the options that it makes hold the function to call as `run`."""
    parser = argparse.ArgumentParser(prog="python -m models", description="The classifiers from a shell.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    listing = _command(commands, "list", answering.list_classifiers, "the classifiers and their held-out figures")
    listing.add_argument("--json", action="store_true")

    predicting = _command(commands, "predict", answering.predict, "classify photographs")
    predicting.add_argument("--model", default=DEFAULT)
    predicting.add_argument("--json", action="store_true", help="one JSON object a line")
    facts = predicting.add_argument_group("the patient, the same for all photographs: weighed in beside the answer")
    facts.add_argument("--age", type=_years, metavar="YEARS")
    facts.add_argument("--sex", choices=SEXES)
    facts.add_argument("--site", choices=SITES, metavar="SITE", help=f"one of: {', '.join(SITES)}")
    predicting.add_argument("images", nargs="+", metavar="IMAGE")

    _add_training(commands)
    _add_measuring(commands)
    _add_outlining(commands)
    return parser


def _add_training(commands: Any) -> None:
    training = _command(commands, "train", making.train_one, "train a classifier", named=True)
    training.add_argument("--data", type=Path, required=True, help="folder of the photographs")
    training.add_argument("--out", type=Path, required=True, help="folder for checkpoints and OUT/NAME")
    training.add_argument("--init", type=Path, help="weights to start from (.weights.h5): a backbone's or a network's")
    training.add_argument("--epochs", type=int, help="instead of the recipe's")
    training.add_argument("--seed", type=int, help="instead of the recipe's")
    training.add_argument(
        "--precision",
        choices=("float32", "mixed_bfloat16"),
        help="of the arithmetic, instead of the recipe's; bfloat16 pays where processors have matrix units for it",
    )
    training.add_argument("--version", default="1.0.0", help="for the card")
    training.add_argument("--recipe", default="ours", help="ours, refine, source, or smoke for a run of seconds")
    training.add_argument("--split", help="name of a split, or path of a CSV file; default: the task's grouped one")
    training.add_argument("--resume", action="store_true", help="go on from the last checkpoint in OUT")

    sweeping = _command(
        commands, "sweep", making.train_grid, "train over a grid of dropout, batch and data", named=True
    )
    sweeping.add_argument("--data", type=Path, required=True, help="folder of the photographs")
    sweeping.add_argument("--out", type=Path, required=True, help="folder for a run for each cell, and the table")
    sweeping.add_argument("--init", type=Path, help="backbone weights to start from (.weights.h5)")
    sweeping.add_argument("--epochs", type=int, help="instead of the recipe's")
    sweeping.add_argument("--recipe", default="source", help="as for train")
    sweeping.add_argument("--split", default=sweep.SPLIT, help="a split of 70 : 15 : 15")
    sweeping.add_argument("--dropout", type=float, nargs="+", default=sweep.DROPOUTS)
    sweeping.add_argument("--batch", type=int, nargs="+", default=sweep.BATCHES)
    sweeping.add_argument("--train-share", type=int, nargs="+", default=sweep.SHARES, help="percent: 70, 80 or both")

    converting = _command(
        commands, "backbone", making.convert_backbone, "make a backbone of PyTorch's one to train from (needs torch)"
    )
    converting.add_argument("name", metavar="ARCHITECTURE", help="efficientnetlite0, ...")
    converting.add_argument("--source", type=Path, required=True, help="state dict that PyTorch saved (.pth)")
    converting.add_argument("--out", type=Path, required=True, help="file to be written (.weights.h5)")

    joining = _command(commands, "join", making.join_two, "make two trained networks one classifier", named=True)
    joining.add_argument("--other", type=Path, required=True, help="folder of the second network, with its card.json")
    joining.add_argument("--version", required=True, help="for the card")

    compiling = _command(commands, "compile", making.compile_one, "make the serving format and check it", named=True)
    compiling.add_argument("--precision", choices=("auto", "fp32", "fp16", "int8"), default="auto")
    compiling.add_argument("--data", type=Path, help="validation photographs, to choose the smallest that is as good")
    compiling.add_argument("--split", help="default: the split it was trained on")
    compiling.add_argument(
        "--views", type=int, choices=(1, 4, 8), help="that it answers the mean of; default: as before"
    )


def _add_measuring(commands: Any) -> None:
    calibrating = _command(commands, "calibrate", making.calibrate_one, "fit temperature and thresholds", named=True)
    calibrating.add_argument("--data", type=Path, required=True)
    calibrating.add_argument("--split", help="default: the split it was trained on")

    indexing = _command(
        commands, "index", making.index_one, "index the training photographs for similar cases", named=True
    )
    indexing.add_argument("--data", type=Path, required=True)
    indexing.add_argument("--split", help="default: the split it was trained on")

    evaluating = _command(commands, "evaluate", making.evaluate_one, "measure on test photographs", named=True)
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

    _command(commands, "spread", making.complete_cards, "put the spread of the kept predictions on the cards")
    _command(
        commands, "report", making.write_reports, "write the pages of figures in docs/ from cards and measurements"
    )


def _add_outlining(commands: Any) -> None:
    drawing = _command(commands, "outline", outlining.outline, "measure the lesions in photographs")
    drawing.add_argument("--json", action="store_true", help="one JSON object a line, with the polygon")
    drawing.add_argument("images", nargs="+", metavar="IMAGE")

    training = _command(commands, "outline-train", outlining.train_outliner, "train the network that draws outlines")
    training.add_argument("--data", type=Path, required=True, help="folder of the photographs and their outlines")
    training.add_argument("--out", type=Path, required=True, help="folder for checkpoints and OUT/outline")
    training.add_argument("--init", type=Path, help="backbone or classifier to start from (.weights.h5)")
    training.add_argument("--seed", type=int, help="instead of the recipe's")
    training.add_argument("--version", default="1.0.0", help="for the card")
    training.add_argument("--recipe", default="ours", help="ours, or smoke for a run of seconds")
    training.add_argument("--split", default="ham7-grouped", help="name of a split, or path of a CSV file")
    training.add_argument("--resume", action="store_true", help="go on from the last checkpoint in OUT")

    compiling = _command(commands, "outline-compile", outlining.compile_outliner, "make its serving format")
    compiling.add_argument("--precision", choices=("fp32", "fp16"), default="fp16")
    compiling.add_argument("--views", type=int, choices=(1, 4, 8), default=4, help="that it answers the mean of")

    evaluating = _command(commands, "outline-evaluate", outlining.evaluate_outliner, "choose its limits and measure it")
    evaluating.add_argument("--data", type=Path, required=True)
    evaluating.add_argument("--write-pages", action="store_true", help="write its page and pictures in docs/ as well")


def _command(commands: Any, name: str, run: Any, explanation: str, *, named: bool = False) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(name, help=explanation, description=explanation)
    command.add_argument("--weights", type=Path, default=WEIGHTS, help="folder of the trained classifiers")
    command.set_defaults(run=run)
    if named:
        command.add_argument("name", metavar="NAME", help="ARCHITECTURE-TASK, as in mobilenetv2-ham7")
    return command


def _years(written: str) -> float:
    """Read an age; ArgumentTypeError if it is none."""
    try:
        age = float(written)
    except ValueError:
        age = -1.0
    if not 0 <= age <= OLDEST:
        raise argparse.ArgumentTypeError(f"{written} is no age from 0 to {OLDEST} years")
    return age
