"""Everything that is kept, brought under the newest master key while the site runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import structlog

from app.errors import AppError, StorageUnavailableError
from app.storage.encryption import EncryptedStorage

log = structlog.get_logger(__name__)

SEALED, LEFT, UNREADABLE = "sealed", "left", "unreadable"


def seal_all(storage: EncryptedStorage, tell: Callable[[int], None] = lambda _: None) -> Counter[str]:
    """Encrypt every object under the newest master key, unless it is; count what was SEALED, LEFT and UNREADABLE.

    What is erased meanwhile is passed over. `tell` is given how many objects were looked at so far.
    StorageUnavailableError: what was sealed until then stays so.
    """
    counts: Counter[str] = Counter()
    for number, (key, _) in enumerate(storage.keys(), 1):
        try:
            counts[SEALED if storage.seal(key) else LEFT] += 1
        except FileNotFoundError:
            continue
        except StorageUnavailableError:
            raise
        except AppError as error:
            counts[UNREADABLE] += 1
            log.error("object_not_sealed", key=key, reason=error.message)
        tell(number)
    return counts


def master_keys_of(storage: EncryptedStorage) -> Counter[str | None]:
    """Count the objects under each master key, by what it is called; None counts those in the clear."""
    counts: Counter[str | None] = Counter()
    for key, _ in storage.keys():  # noqa: SIM118 - no mapping
        try:
            counts[storage.master_key_of(key)] += 1
        except FileNotFoundError:
            continue
    return counts
