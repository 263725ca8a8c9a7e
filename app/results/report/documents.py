"""What all PDF documents share: their fonts, how pictures are written, and that one is drawn at a time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from reportlab import rl_config

from app.results.report import fonts

rl_config.useA85 = 0  # plain binary streams: writing the pictures as text took longer than all the rest

_one_at_a_time = threading.Lock()  # ReportLab forbids the use of one font in two documents at a time


@contextmanager
def drawing() -> Iterator[None]:
    """Draw a document, with the fonts at hand."""
    with _one_at_a_time:
        fonts.register()
        yield
