"""Everything that is kept, brought under the newest master key while the site runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import structlog

from app.errors import AppError
from app.storage.encryption import EncryptedStorage
from app.storage.local import PARTIAL

log = structlog.get_logger(__name__)

SEALED, LEFT, UNREADABLE = "sealed", "left", "unreadable"


def seal_all(storage: EncryptedStorage, tell: Callable[[int], None] = lambda _: None) -> Counter[str]:
    """Encrypt every object under the newest master key, unless it is; count what was SEALED, LEFT and UNREADABLE.

    What is erased meanwhile is passed over. `tell` is given how many objects were looked at so far.
    """
    counts: Counter[str] = Counter()
    for number, key in enumerate(_finished(storage), 1):
        try:
            counts[SEALED if storage.seal(key) else LEFT] += 1
        except FileNotFoundError:
            continue
        except AppError as error:
            counts[UNREADABLE] += 1
            log.error("object_not_sealed", key=key, reason=error.message)
        tell(number)
    return counts


def master_keys_of(storage: EncryptedStorage) -> Counter[str | None]:
    """Count the objects under each master key, by what it is called; None counts those in the clear."""
    counts: Counter[str | None] = Counter()
    for key in _finished(storage):
        try:
            counts[storage.master_key_of(key)] += 1
        except FileNotFoundError:
            continue
    return counts


def _finished(storage: EncryptedStorage) -> Iterator[str]:
    """Yield the keys of what is not being written just now."""
    return (key for key, _ in storage.keys() if not key.startswith(PARTIAL))  # noqa: SIM118 - no mapping
