"""Change files at random: where there is no Atheris, which would learn what changes matter."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Sequence

from app.decoding.formats import PNG

EDGES = (0, 1, 0x7F, 0x80, 0xFF)
LONGEST = 1 << 16
MENDED = 0.8  # of the PNG files


def changed(dice: random.Random, seeds: Sequence[bytes]) -> bytes:
    """Return one of the files with a few bytes changed, pieces cut out, doubled, or taken from another."""
    content = bytearray(dice.choice(seeds)[:LONGEST])
    for _ in range(dice.randint(1, 6)):
        start, end = sorted((_place(dice, content), _place(dice, content)))
        match dice.randrange(6):
            case 0 if content:
                content[min(start, len(content) - 1)] = dice.choice(EDGES)
            case 1 if content:
                content[min(start, len(content) - 1)] = dice.randrange(256)
            case 2:
                content[start : start + 4] = dice.choice(EDGES).to_bytes(1, "big") * 4
            case 3:
                del content[start : min(end, start + 64)]
            case 4:
                content[start:start] = content[start : min(end, start + 256)]
            case _:
                other = dice.choice(seeds)
                at = _place(dice, other)
                content[start:end] = other[at : at + end - start]
    whole = bytes(content[: 2 * LONGEST])
    return mended(whole) if whole.startswith(PNG) and dice.random() < MENDED else whole


def mended(content: bytes) -> bytes:
    """Return a PNG whose checksums are right again: what is behind them is read, then."""
    parts, position = [PNG], len(PNG)
    while position + 8 <= len(content):
        length = int.from_bytes(content[position : position + 4], "big")
        named = content[position + 4 : position + 8 + length]
        if len(named) < 4 + length:
            break
        parts.append(struct.pack(">I", length) + named + struct.pack(">I", zlib.crc32(named)))
        position += 12 + length
    return b"".join(parts) + content[position:]


def _place(dice: random.Random, content: bytes | bytearray) -> int:
    """Return a place in a file: every other time in its first bytes, where its headers are."""
    return dice.randint(0, min(len(content), 512 if dice.random() < 0.5 else len(content)))
