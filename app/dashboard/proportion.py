"""A share of counted cases, and how sure it is."""

from __future__ import annotations

import math
from dataclasses import dataclass

Z_95 = 1.959963984540054  # the normal distribution's 97.5 % point


@dataclass(frozen=True, slots=True)
class Proportion:
    """`hits` of `of` cases: the share with its 95 % interval, all in [0, 1]."""

    hits: int
    of: int
    value: float
    low: float
    high: float


def proportion(hits: int, of: int) -> Proportion:
    """Return a share with its 95 % score interval.

    With p = hits/n: (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n) (Wilson, J. Am. Stat. Assoc. 22, 1927). Unlike
    p ± z √(p(1-p)/n) it holds its promise for few cases and for shares near 0 and 1 (Newcombe, Stat. Med. 17, 1998).
    The cases are taken for independent. ValueError if there are none, or fewer than hits.
    """
    if not 0 <= hits <= of or not of:
        raise ValueError(f"{hits} of {of} is no share")
    p, z2 = hits / of, Z_95**2
    middle = p + z2 / (2 * of)
    half = Z_95 * math.sqrt(p * (1 - p) / of + z2 / (4 * of**2))
    low, high = ((middle + side * half) / (1 + z2 / of) for side in (-1, 1))
    return Proportion(hits, of, p, max(0.0, low), min(1.0, high))
