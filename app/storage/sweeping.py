"""A walk over what is kept, a part at a time, so that sweepers ask little of a store with millions of objects."""

from __future__ import annotations

import string
from collections.abc import Iterator
from datetime import datetime, timedelta

from app.storage.protocols import Storage

FIRST_LETTERS = sorted(f"-_{string.ascii_letters}{string.digits}")  # of random ids: as many begin with each
AT_LEAST = 20_000  # keys of one walk, if there are so many
GRACE = timedelta(hours=1)  # a younger file may belong to a row that is not committed yet


def old_keys(storage: Storage, folder: str, *, moment: datetime, every: timedelta) -> Iterator[str]:
    """Yield keys in a folder of random ids that were written an hour before `moment`.

    Of few keys these are all. Of many they are those of one first letter, and of the letters after it until there are
    enough; the letter is told by the time, so that whoever walks `every` so often has seen all after 64 walks.
    """
    turn = int(moment.timestamp() // every.total_seconds())
    for key, written in _part(storage, folder, turn % len(FIRST_LETTERS)):
        if written < moment - GRACE:
            yield key


def _part(storage: Storage, folder: str, place: int) -> Iterator[tuple[str, datetime]]:
    start, following = f"{folder}/{FIRST_LETTERS[place]}", FIRST_LETTERS[place + 1 : place + 2]
    end = f"{folder}/{following[0]}" if following else f"{folder}0"  # "0" follows "/"
    count = 0
    for count, (key, written) in enumerate(storage.keys(folder, after=start), 1):
        if count > AT_LEAST and key >= end:
            return
        yield key, written
    if place and count < AT_LEAST:
        for key, written in storage.keys(folder):
            count += 1
            if key >= start or count > AT_LEAST:
                return
            yield key, written
