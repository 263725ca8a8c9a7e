"""Memory that large photographs took goes back to the system."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

# blocks of 8 MB, with small ones between them that stay: a heap that holds them can not shrink
SCRIPT = """
import ctypes, sys
from app.memory import return_large_blocks
if sys.argv[1] == "asked":
    assert return_large_blocks()
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
SIZE = 8 << 20
libc.free(libc.malloc(2 * SIZE))
blocks = []
for _ in range(24):
    blocks.append(libc.malloc(SIZE))
    ctypes.memset(blocks[-1], 1, SIZE)
    libc.malloc(100_000)
for block in blocks:
    libc.free(block)
print(int(open("/proc/self/statm").read().split()[1]) * 4096)
"""


def resident(how: str) -> int:
    return int(subprocess.run([sys.executable, "-c", SCRIPT, how], check=True, capture_output=True).stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only the GNU C library keeps large blocks")
def test_freed_blocks_are_given_back_to_the_system() -> None:
    assert resident("asked") < 0.5 * resident("not asked")
