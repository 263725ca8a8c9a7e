"""Large photographs leave memory behind: have the C library give it back to the system at once."""

from __future__ import annotations

import contextlib
import ctypes

MMAP_THRESHOLD = -3  # M_MMAP_THRESHOLD of glibc's mallopt(3)
LARGE = 1 << 20  # bytes; a decoded photograph has tens of millions


def return_large_blocks() -> bool:
    """Let blocks of a megabyte and more be mapped, so that freeing unmaps them; False where that can't be set.

    By itself glibc raises the threshold to the largest block that was freed, up to 32 MB, and then keeps such blocks
    in the heap of each thread, where smaller ones hold them down.
    """
    with contextlib.suppress(
        OSError, AttributeError, TypeError
    ):  # macOS and musl have no mallopt, Windows no CDLL(None)
        return bool(ctypes.CDLL(None).mallopt(MMAP_THRESHOLD, LARGE))
    return False
