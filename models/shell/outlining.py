"""What the shell can ask and have made of outlines: draw them, and train, compile and measure the network."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import Any

from PIL import Image

from models.outline import REFUSALS, Outliner
from models.photograph import upright_rgb
from models.registry import OUTLINE, Registry
from models.shell.answering import UNREADABLE


def outline(options: argparse.Namespace) -> int:
    """Print what is measured of the lesion in each photograph; 1 if one of them can't be read."""
    outliner, failed = Registry(options.weights).outliner(), False
    for path in options.images:
        row = _answer(outliner, path)
        failed |= "error" in row
        print(json.dumps(row) if options.json else _line(row), flush=True)
    return int(failed)


def train_outliner(options: argparse.Namespace) -> int:
    """Train the outlining network and print its folder."""
    from models.segmentation.train import train  # noqa: PLC0415 - Keras takes seconds to import

    folder = train(
        options.data,
        options.out,
        recipe=options.recipe,
        split=options.split,
        init=options.init,
        seed=options.seed,
        resume=options.resume,
        version=options.version,
    )
    print(folder)
    return 0


def compile_outliner(options: argparse.Namespace) -> int:
    """Compile the outlining network and print how far it is from Keras."""
    from models.segmentation.compile import compile_outliner as compiled  # noqa: PLC0415 - imports TensorFlow

    made = compiled(options.weights / OUTLINE, options.precision, options.views).compiled
    print(f"{made['precision']}, {made['milliseconds']} ms a square, largest difference {made['share_difference']:.1e}")
    return 0


def evaluate_outliner(options: argparse.Namespace) -> int:
    """Choose the limits of the outlining network, measure it, and print the most important figures."""
    from models.evaluation.outlines.command import draw, evaluate  # noqa: PLC0415 - as slow to import
    from models.evaluation.pages import DOCS, write_pages  # noqa: PLC0415 - matplotlib

    card = evaluate(options.weights / OUTLINE, options.data)
    figures = card.metrics[card.training["split"]]
    for name in ("jaccard", "dice", "failed"):
        print(f"{name:10} {figures[name]['value']:.4f}  [{figures[name]['low']:.4f}, {figures[name]['high']:.4f}]")
    print(f"{'refused':10} {figures['refusal']['rate']:.4f}")
    if options.write_pages:
        draw(options.weights / OUTLINE, DOCS)
        write_pages(options.weights)
    return 0


def _answer(outliner: Outliner, path: str) -> dict[str, Any]:
    try:
        with Image.open(path) as image:
            found = outliner.outline(upright_rgb(image))
    except UNREADABLE as error:
        return {"image": path, "error": str(error) or type(error).__name__}
    return {"image": path, **asdict(found)}


def _line(row: dict[str, Any]) -> str:
    if "error" in row:
        return f"{row['image']}: can't be read: {row['error']}"
    if row["refused"]:
        return f"{row['image']}: {REFUSALS[row['refused']]}"
    found = row["measures"]
    numbers = "  ".join(
        f"{name.replace('_', ' ')} {found[name]:.3f}"
        for name in ("asymmetry", "irregularity", "notching", "colour_spread")
    )
    size = f"area {found['area']:.0f} px²  diameter {found['diameter']:.0f} px"
    return f"{row['image']}: {size}  {numbers}  {', '.join(found['colours'])}"
