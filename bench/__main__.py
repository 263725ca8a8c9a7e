"""Measure everything in one run; a table, and ``bench.json``."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from bench.batch import batch
from bench.engines import cold_start, engines, photographs
from bench.history import history
from bench.site import site
from bench.training import training
from tests.pictures import lesion_picture


def main() -> int:
    """Measure everything, print the table, write ``bench.json``; 1 if a limit is not kept."""
    parser = argparse.ArgumentParser(prog="make bench ARGS=...", description="Measure everything in one run.")
    parser.add_argument("--batch", type=int, default=1000, metavar="N", help="photographs of the batch; 150 or more")
    parser.add_argument("--tests", type=int, default=1_000_000, metavar="N", help="tests of the longest history")
    parser.add_argument(
        "--database", default="", metavar="URL", help="an empty PostgreSQL, to time the history on as well"
    )
    chosen = parser.parse_args()
    picture = lesion_picture()
    figures = [
        *cold_start(picture),
        *engines(picture),
        *photographs(picture),
        *training(),
        *site(picture),
        *batch(chosen.batch),
        *history(chosen.tests),
        *(history(chosen.tests, chosen.database) if chosen.database else []),
    ]
    for figure in figures:
        verdict = {True: "kept", False: "NOT KEPT", None: ""}[figure.within]
        print(f"{figure.what:90} {figure.value:9.1f} {figure.unit:5} {figure.limit:34} {verdict}")
    Path("bench.json").write_text(json.dumps([asdict(figure) for figure in figures], indent=1) + "\n")
    return int(any(figure.within is False for figure in figures))


if __name__ == "__main__":
    sys.exit(main())
