"""One file, judged: anything but a refusal is a finding, and so are two seconds."""

from __future__ import annotations

import contextlib
import time
import warnings

from fuzz.targets import TARGETS

MOST_SECONDS = 2.0  # of processor time


class FindingError(AssertionError):
    """A file that was not refused as it should have been."""


def judge(target: str, content: bytes) -> None:
    """Read a file; whatever is raised but a refusal comes out, and FindingError if it took too long."""
    chosen = TARGETS[target]
    began = time.process_time()
    with warnings.catch_warnings(), contextlib.suppress(*chosen.refusals):
        warnings.simplefilter("ignore")
        chosen.read(content)
    took = time.process_time() - began
    if took > MOST_SECONDS:
        raise FindingError(f"{target}: {took:.1f} s for {len(content):,} bytes")
