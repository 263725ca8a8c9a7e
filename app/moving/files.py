"""The files: objects are copied as they are, encrypted, then read on both sides and compared."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from hashlib import sha256
from typing import TypeVar

from app.moving.errors import MoveError
from app.moving.progress import Progress
from app.storage.protocols import Kept

MARK = "moving"  # the key of the object that says whose files these are
THREADS = 8
IN_HAND = 16  # objects, each in memory as a whole
NOT_EMPTY = "The target storage is not empty. Name another, or another prefix, or empty it."
OTHER_SITE = "Another site is being moved to the target storage. Name another, or another prefix, or empty it."
DIFFERING = (
    "{:,} files are not the same in both places, such as {}. Nothing was removed from the present storage: stop the "
    "site, and run the command again."
)

Result = TypeVar("Result")


def begin_files(target: Kept, site: str, *, moved: bool = False) -> None:
    """Mark a storage as half-moved, unless it is; MoveError if it holds something else.

    `moved`: the files were moved before, by a move that was broken off at its very end.
    """
    try:
        if target.get(MARK).decode() != site:
            raise MoveError(OTHER_SITE)
    except FileNotFoundError:
        if not moved and next(target.keys(), None) is not None:
            raise MoveError(NOT_EMPTY) from None
        target.put(MARK, site.encode())


def copy_files(source: Kept, target: Kept, progress: Progress) -> int:
    """Copy the objects that are not there yet, and return how many these were."""
    progress.expect(None, "files")

    def copy(key: str) -> int:
        try:
            target.put(key, source.get(key))
        except FileNotFoundError:  # gone meanwhile; the comparison looks again
            return 0
        return 1

    copied = 0
    for done in _together(copy, _missing(_names(source), _names(target), progress)):
        copied += done
        progress.done(done, "files")
    return copied


def compare_files(source: Kept, target: Kept, progress: Progress) -> tuple[int, str]:
    """Return how many objects there are, and the SHA-256 over the hash of each; MoveError if some differ."""

    def both(key: str) -> tuple[str, str | None, str | None]:
        return key, _hash(source, key), _hash(target, key)

    count, digest, differing = 0, sha256(), list[str]()
    for key, old, new in _together(both, _merged(_names(source), _names(target))):
        count += 1
        digest.update(f"{key} {old}\n".encode())
        if old != new:
            differing.append(key)
        progress.done(1, "files")
    if differing:
        raise MoveError(DIFFERING.format(len(differing), differing[0]))
    return count, digest.hexdigest()


def remove_files(target: Kept) -> None:
    """Remove what was moved to a storage, its mark last."""
    target.delete_all(list(_names(target)))
    target.delete(MARK)


def _names(storage: Kept) -> Iterator[str]:
    return (key for key, _ in storage.keys() if key != MARK)  # noqa: SIM118 - no mapping


def _missing(wanted: Iterator[str], there: Iterator[str], progress: Progress) -> Iterator[str]:
    """Yield the keys of one walk that are not of another; both go in the same order."""
    following = next(there, None)
    for key in wanted:
        while following is not None and following < key:
            following = next(there, None)
        if following == key:
            progress.done(1, "files", earlier=True)
        else:
            yield key


def _merged(one: Iterator[str], other: Iterator[str]) -> Iterator[str]:
    """Yield the keys of both walks, those of both once."""
    mine, theirs = next(one, None), next(other, None)
    while mine is not None or theirs is not None:
        following = min(each for each in (mine, theirs) if each is not None)
        yield following
        mine = next(one, None) if mine == following else mine
        theirs = next(other, None) if theirs == following else theirs


def _hash(storage: Kept, key: str) -> str | None:
    try:
        return sha256(storage.get(key)).hexdigest()
    except FileNotFoundError:
        return None


def _together(work: Callable[[str], Result], keys: Iterable[str]) -> Iterator[Result]:
    """Yield the results in the order of the keys; some are worked on at a time, and few are in memory."""
    waiting: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(THREADS) as threads:
        for key in keys:
            waiting.append(threads.submit(work, key))
            if len(waiting) == IN_HAND:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
