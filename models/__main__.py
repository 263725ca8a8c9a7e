"""``python -m models COMMAND``: the classifiers from a shell."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from models.architectures.base import ArchitectureError
from models.card import CardError
from models.registry import UnavailableError
from models.shell.parser import build_parser
from models.training.splits import SplitError
from models.training.sweep import SweepError

FAILURES = (
    *(ArchitectureError, CardError, SplitError, SweepError, UnavailableError),
    *(FileNotFoundError, KeyError),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    options = build_parser().parse_args(arguments)
    try:
        status: int = options.run(options)
    except FAILURES as error:
        print(f"models: {error.args[0] if isinstance(error, KeyError) else error}", file=sys.stderr)
        return 2
    return status


if __name__ == "__main__":
    sys.exit(main())
