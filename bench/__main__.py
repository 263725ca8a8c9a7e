"""Measure everything in one run, or some parts of it; a table, and ``bench.json``."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bench.batch import batch
from bench.engines import engines
from bench.figure import Figure
from bench.history import history
from bench.product import product
from bench.record import write
from bench.serving import serving
from bench.site import site
from bench.training import training
from tests.pictures import lesion_picture

LEAST_BATCH = 150  # photographs: the first hundred are not counted
Part = Callable[[argparse.Namespace], Sequence[Figure]]


def _histories(chosen: argparse.Namespace) -> Sequence[Figure]:
    return [*history(chosen.tests), *(history(chosen.tests, chosen.database) if chosen.database else [])]


PARTS: Mapping[str, Part] = {
    "engines": lambda _chosen: engines(),
    "serving": lambda _chosen: serving(),
    "product": lambda _chosen: product(lesion_picture()),
    "training": lambda _chosen: training(),
    "site": lambda _chosen: site(lesion_picture()),
    "batch": lambda chosen: batch(chosen.batch),
    "history": _histories,
}


def main() -> int:
    """Measure, print the table as it grows, write the file; 1 if a limit is not kept."""
    chosen = _parser().parse_args()
    arguments = {"only": chosen.only, "batch": chosen.batch, "tests": chosen.tests, "database": bool(chosen.database)}
    parts: dict[str, Sequence[Figure]] = {}
    for name in chosen.only:
        start = time.monotonic()
        parts[name] = PARTS[name](chosen)
        for figure in parts[name]:
            print(_line(figure))
        print(f"({name}: {time.monotonic() - start:.0f} s)", flush=True)
        write(chosen.out, parts, arguments)  # what comes later may be interrupted
    return int(any(figure.within is False for figures in parts.values() for figure in figures))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make bench ARGS=...", description="Measure everything in one run.")
    parser.add_argument(
        "--only", type=_parts, default=list(PARTS), metavar="PARTS", help=f"some of {','.join(PARTS)}; default: all"
    )
    parser.add_argument("--batch", type=_batch, default=1000, metavar="N", help=f"photographs, {LEAST_BATCH} or more")
    parser.add_argument("--tests", type=int, default=1_000_000, metavar="N", help="tests of the longest history")
    parser.add_argument(
        "--database", default="", metavar="URL", help="an empty PostgreSQL, to time the history on as well"
    )
    parser.add_argument("--out", type=Path, default=Path("bench.json"), help="where to write the figures")
    return parser


def _parts(text: str) -> list[str]:
    names = text.split(",")
    for name in names:
        if name not in PARTS:
            raise argparse.ArgumentTypeError(f"there is no part {name}: {', '.join(PARTS)}")
    return names


def _batch(text: str) -> int:
    if int(text) < LEAST_BATCH:
        raise argparse.ArgumentTypeError(f"it takes {LEAST_BATCH} photographs at least")
    return int(text)


def _line(figure: Figure) -> str:
    verdict = {True: "kept", False: "NOT KEPT", None: ""}[figure.within]
    return f"{figure.what:75} {figure.value:10.4g} {figure.unit:5} {figure.limit:34} {verdict}"


if __name__ == "__main__":
    sys.exit(main())
