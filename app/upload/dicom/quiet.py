"""Let pydicom and Pillow read a file without a word: their warnings quote what stands in it, and would be logged."""

from __future__ import annotations

import logging
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

# one file at a time: what warns is told to the whole process, and the memory that a file takes is bounded
_turn = threading.RLock()


@contextmanager
def quietly() -> Iterator[None]:
    """Let nothing be warned of or logged by pydicom until the block ends."""
    with _turn, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.getLogger("pydicom").setLevel(logging.CRITICAL + 1)
        yield
