"""What a positive or a negative call is worth where malignant lesions are rarer, or commoner, than in the test data."""

from __future__ import annotations


def predictive_values(sensitivity: float, specificity: float, prevalence: float) -> tuple[float | None, float | None]:
    """Return the positive and the negative predictive value, in [0, 1], by Bayes' theorem (Vecchio, NEJM 274, 1966).

    `prevalence` is the share of malignant lesions among those that are looked at. A value is None where no lesion
    would be called so at all. ValueError unless all three lie in [0, 1].
    """
    if not all(0 <= share <= 1 for share in (sensitivity, specificity, prevalence)):
        raise ValueError("sensitivity, specificity and prevalence lie between 0 and 1")
    found, missed = sensitivity * prevalence, (1 - sensitivity) * prevalence
    spared, alarmed = specificity * (1 - prevalence), (1 - specificity) * (1 - prevalence)
    return _share(found, alarmed), _share(spared, missed)


def _share(right: float, wrong: float) -> float | None:
    return right / (right + wrong) if right + wrong else None
