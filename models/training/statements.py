"""What a card says of a classifier's purpose, limits and licence, by what it learned from."""

from __future__ import annotations

from models.labels import BINARY, Task

INTENDED_USE = (
    "Second look for clinicians who examine pigmented skin lesions with a dermatoscope. It supports a decision and "
    "makes none: not for patients on their own, not for screening without a clinician, not a medical device."
)
LIMITS = (
    "Decision support for clinicians, not a diagnosis, and not a medical device.",
    "Learned from dermoscopic photographs of pigmented lesions only; other pictures are not judged reliably.",
    "Most of the patients were fair-skinned, from Austria and Australia; darker skin was not measured.",
    "Children, nails, mucosa and soles are rare in the data.",
)
SEVEN = "Knows seven classes: squamous cell carcinoma, inflammatory disease and others are not among them."
TWO = "Tells benign from malignant only, and doesn't say which disease; malignant stands for what its data held."
HAM10000 = "HAM10000 (Tschandl et al. 2018), CC BY-NC 4.0"
KAGGLE = "the set Skin Cancer: Malignant vs. Benign from Kaggle (photographs of the ISIC Archive)"
KAGGLE_SPLITS = ("binary-stock", "binary-grouped")


def limits_of(task: Task) -> tuple[str, ...]:
    """Return the limits of every classifier of a task."""
    return (*LIMITS, TWO if task == BINARY else SEVEN)


def licence_of(split: str) -> str:
    """Return the terms of weights trained on a split."""
    return f"Research use. Trained on {KAGGLE if split in KAGGLE_SPLITS else HAM10000}."
