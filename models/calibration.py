"""Make probabilities honest and choose thresholds: both on validation photographs only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from models.serving import softmax

Floats = npt.NDArray[np.float64]

SHARPEST, SOFTEST = 0.05, 20.0  # temperatures between which the best is sought
HALVINGS = 60
PRIOR_EXPONENTS = tuple(i / 20 for i in range(11))
MOST_UNLIKELIER = 0.01  # share by which the negative log-likelihood may exceed the least

# name of an operating point -> what it promises on validation, and how much of it
OPERATING_POINTS: Mapping[str, tuple[str, float]] = MappingProxyType(
    {
        "sensitivity_90": ("sensitivity", 0.90),
        "sensitivity_95": ("sensitivity", 0.95),
        "specificity_90": ("specificity", 0.90),
        "specificity_95": ("specificity", 0.95),
    }
)


def fit_temperature(logits: npt.NDArray[np.float32], labels: npt.ArrayLike, shift: npt.ArrayLike = ()) -> float:
    """Return the temperature, in [0.05, 20], with the least negative log-likelihood of the labels.

    Logits are (n, classes), labels (n,) class indices; `shift` is added to the tempered logits. Guo et al., On
    calibration of modern neural networks (ICML 2017), section 4.2. The likelihood is concave in the inverse
    temperature, so its slope, the mean of z[label] - E[z], falls steadily and is bisected.
    """

    def slope(sharpness: float) -> float:
        return gain(logits, labels, softmax(logits, 1 / sharpness, shift))

    return 1 / where_it_turns(slope, 1 / SOFTEST, 1 / SHARPEST)


def fit_shift(logits: npt.NDArray[np.float32], labels: npt.ArrayLike, log_prior: Floats) -> tuple[Floats, float]:
    """Return what is added to the tempered logits (classes,) for the sake of rare classes, and the temperature.

    Training learns how common the classes are, `log_prior` (classes,); some of it can be taken off again (Menon et
    al., Long-tail learning via logit adjustment, ICLR 2021, section 4.1): more lesions of rare classes are recognised.
    The largest exponent of `PRIOR_EXPONENTS` counts whose negative log-likelihood is within 1 % of the least.
    """
    shifts = [-exponent * log_prior for exponent in PRIOR_EXPONENTS]
    temperatures = [fit_temperature(logits, labels, shift) for shift in shifts]
    tried = list(zip(shifts, temperatures, strict=True))
    lost = [unlikelihood(softmax(logits, temperature, shift), labels) for shift, temperature in tried]
    allowed = [pair for pair, loss in zip(tried, lost, strict=True) if loss <= min(lost) * (1 + MOST_UNLIKELIER)]
    return allowed[-1]


def gain(scores: npt.NDArray[np.floating], labels: npt.ArrayLike, probabilities: Floats) -> float:
    """Return by how much the mean log-likelihood rises with the weight of `scores` (n, classes) among the logits."""
    return float(np.mean(_of_labels(scores, labels) - (probabilities * scores).sum(axis=1)))


def unlikelihood(probabilities: Floats, labels: npt.ArrayLike) -> float:
    """Return the mean negative log-likelihood of class indices (n,)."""
    return float(-np.log(_of_labels(probabilities, labels)).mean())


def where_it_turns(slope: Callable[[float], float], low: float, high: float) -> float:
    """Return where a falling slope changes its sign, by bisection; the nearer end if it does not."""
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) > 0 else (low, middle)
    return (low + high) / 2


def operating_points(malignant: npt.ArrayLike, malignancy: npt.ArrayLike) -> dict[str, float]:
    """Return a threshold on malignancy for each of `OPERATING_POINTS`.

    A photograph counts as malignant at or above the threshold. For a sensitivity it is the highest threshold
    that still reaches it on these photographs, for a specificity the lowest. ValueError if there is no
    malignant or no benign photograph.
    """
    truth, scores = np.asarray(malignant, dtype=bool), np.asarray(malignancy, dtype=np.float64)
    if truth.all() or not truth.any():
        raise ValueError("operating points need both malignant and benign photographs")
    sides = {"sensitivity": _highest_reaching(scores[truth]), "specificity": _lowest_reaching(scores[~truth])}
    return {name: sides[figure][share] for name, (figure, share) in OPERATING_POINTS.items()}


def _of_labels(rows: npt.NDArray[np.floating], labels: npt.ArrayLike) -> npt.NDArray[np.floating]:
    """Return what each row (n, classes) has at its class index (n,)."""
    return np.take_along_axis(rows, np.asarray(labels, dtype=np.int64)[:, np.newaxis], axis=1)[:, 0]


def _highest_reaching(malignant: Floats) -> dict[float, float]:
    """Return, by share, the highest threshold with at least that share of the malignant at or above it."""
    falling = np.sort(malignant)[::-1]
    return {share: float(falling[_enough(share, len(falling)) - 1]) for share in _shares()}


def _lowest_reaching(benign: Floats) -> dict[float, float]:
    """Return, by share, the lowest threshold with at least that share of the benign below it."""
    rising = np.sort(benign)
    return {share: float(np.nextafter(rising[_enough(share, len(rising)) - 1], np.inf)) for share in _shares()}


def _shares() -> set[float]:
    return {share for _, share in OPERATING_POINTS.values()}


def _enough(share: float, count: int) -> int:
    return int(np.ceil(share * count - 1e-9))  # 0.9 * 10 must not become 10 by rounding
