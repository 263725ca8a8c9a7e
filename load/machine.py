"""How fast the machine is, so that runs on different ones can be told apart."""

from __future__ import annotations

import os
import subprocess
import sys

PRODUCT = """
import time
import numpy as np
left, right = np.random.default_rng(0).random((2, 1024, 1024), dtype=np.float32)
left @ right
times = []
for _ in range(10):
    start = time.perf_counter()
    left @ right
    times.append(time.perf_counter() - start)
print(1024**3 / min(times) / 1e9)
"""


def cores() -> int:
    """Return how many cores site and generator may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def multiply_adds() -> float:
    """Return how many thousand million multiply-adds a second one core does in a product of matrices, 32 bits each."""
    alone = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, "-c", PRODUCT], env=alone, capture_output=True, text=True, check=True)
    return float(done.stdout)
