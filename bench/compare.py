"""``python -m bench.compare BEFORE AFTER``: what has become slower or larger between two runs of ``make bench``.

A figure with a reference is compared by its ratio to that figure of its own run: to the physical limit, to the
network alone. One without is compared by itself, and times only if both runs were on the same kind of processor.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.figure import Figure
from bench.record import Record, RecordError, read

MORE_IS_BETTER = frozenset({"/s", "G/s"})
ANYWHERE = frozenset({"MB"})  # units that say the same on every machine
MOST = 1.15  # times as much that a figure may become


@dataclass(frozen=True, slots=True)
class Change:
    """What a figure has become: `factor` above 1 is worse, whatever its unit."""

    figure: Figure
    factor: float
    by: str


def changes(before: Record, after: Record) -> Iterator[Change]:
    """Yield how each figure that both runs have, and that can be compared, has changed."""
    alike = before.processor == after.processor
    for name, now in after.figures.items():
        then = before.figures.get(name)
        if then is None or then.unit != now.unit or 0 in (then.value, now.value):
            continue
        bases = [record.figures.get(figure.reference) for record, figure in ((before, then), (after, now))]
        if now.reference and now.reference == then.reference and all(bases) and now.reference != name:
            first, second = (base.value for base in bases if base is not None)
            yield Change(now, _worse(now, (now.value / second) / (then.value / first)), f"per {now.reference}")
        elif alike or now.unit in ANYWHERE:
            yield Change(now, _worse(now, now.value / then.value), "by itself")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what has changed, the worst first; 1 if anything is worse than allowed, 2 if a file can't be used."""
    parser = argparse.ArgumentParser(prog="python -m bench.compare", description=__doc__)
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("--most", type=float, default=MOST, help="times as much that a figure may become")
    chosen = parser.parse_args(arguments)
    try:
        before, after = read(chosen.before), read(chosen.after)
    except RecordError as error:
        print(error, file=sys.stderr)
        return 2
    found = sorted(changes(before, after), key=lambda change: -change.factor)
    print(f"{before.commit[:12]} ({before.processor}) -> {after.commit[:12]} ({after.processor})")
    for change in found:
        verdict = "WORSE" if change.factor > chosen.most else ""
        print(f"{change.figure.what:75} {change.factor:6.2f} {verdict:6} {change.by}")
    if not found:
        print("There is nothing that both runs have measured and that can be compared.", file=sys.stderr)
        return 2
    return int(any(change.factor > chosen.most for change in found))


def _worse(figure: Figure, factor: float) -> float:
    return 1 / factor if figure.unit in MORE_IS_BETTER else factor


if __name__ == "__main__":
    sys.exit(main())
