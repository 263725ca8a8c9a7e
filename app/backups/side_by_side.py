"""Do the same with many things at once, for most of the time goes by in waiting for disks and networks."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

THREADS = 8
AHEAD = 4 * THREADS  # things that are begun and not taken yet, so that memory stays flat

T = TypeVar("T")
R = TypeVar("R")


def side_by_side(things: Iterable[T], work: Callable[[T], R]) -> Iterator[R]:
    """Yield what comes of each, in their order; what one raises ends it, once those that were begun are done."""
    begun: deque[Future[R]] = deque()
    with ThreadPoolExecutor(THREADS) as threads:
        try:
            for thing in things:
                begun.append(threads.submit(work, thing))
                if len(begun) >= AHEAD:
                    yield begun.popleft().result()
            while begun:
                yield begun.popleft().result()
        finally:
            for waiting in begun:
                waiting.cancel()
