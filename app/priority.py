"""Work that may wait takes the processors when nobody else wants them, and a little of them always."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

NICENESS = 10  # a tenth of what the web server gets, where both want all: never nothing
OFTEN = 0.0005  # seconds; Python's own are ten times as many
GROUP = Path("/proc/self/autogroup")  # by which Linux shares between sessions, before niceness counts: sched(7)


def yield_to_others() -> None:
    """Let this process, and all that it starts, go behind others of this machine; done once, it can't be undone."""
    with contextlib.suppress(OSError, AttributeError):  # not allowed, or not known here
        os.nice(NICENESS)
    with contextlib.suppress(OSError):  # not Linux, or without such groups
        if GROUP.exists():
            GROUP.write_text(str(NICENESS))


def take_turns_often() -> None:
    """Let no thread keep Python to itself for long: one that comes back from a network has a few lines to do only."""
    sys.setswitchinterval(OFTEN)
