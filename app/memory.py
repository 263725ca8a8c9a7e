"""Photographs leave memory behind: have the C library give large blocks back at once, and keep few heaps."""

from __future__ import annotations

import contextlib
import ctypes
import gc

MMAP_THRESHOLD, ARENA_MAX = -3, -8  # M_MMAP_THRESHOLD and M_ARENA_MAX of glibc's mallopt(3)
HEAPS = 2  # for all threads: by itself glibc makes eight for each core, which all grow to what one photograph needs
LARGE = 1 << 20  # bytes; a decoded photograph has tens of millions


def return_large_blocks() -> bool:
    """Let blocks of a megabyte and more be mapped, so that freeing unmaps them; False where that can't be set.

    By itself glibc raises the threshold to the largest block that was freed, up to 32 MB, and then keeps such blocks
    in the heap of each thread, where smaller ones hold them down.
    """
    with contextlib.suppress(
        OSError, AttributeError, TypeError
    ):  # macOS and musl have no mallopt, Windows no CDLL(None)
        libc = ctypes.CDLL(None)
        return bool(libc.mallopt(ARENA_MAX, HEAPS) and libc.mallopt(MMAP_THRESHOLD, LARGE))
    return False


def settle() -> None:
    """Have what is loaded by now left out of the search for garbage.

    Python searches everything only once a quarter as much has been added as there was: with all modules counted that is
    after hundreds of photographs, which their forms hold until then. And what is left out need not be walked through
    while somebody waits for a page.
    """
    gc.collect()
    gc.freeze()
