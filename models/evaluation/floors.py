"""What can be reached without a network: measured once on the data, cited on the model cards' pages."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

# Split -> floor -> figures, from the README of the image data: boosted trees on colour statistics.
FLOORS: Mapping[str, Mapping[str, Mapping[str, float]]] = MappingProxyType(
    {
        "ham7-grouped": {
            "Floor: colours, age, sex, site": {
                "accuracy": 0.750,
                "balanced_accuracy": 0.531,
                "macro_auc": 0.922,
                "malignant_auc": 0.884,
            },
            "Floor: border alone": {"balanced_accuracy": 0.333, "malignant_auc": 0.80},
        },
        "binary-stock": {
            "Floor: colours": {"accuracy": 0.850, "malignant_auc": 0.937},
            "Floor: border alone": {"malignant_auc": 0.916},
        },
        "dermamnist": {"Floor: colours": {"accuracy": 0.757, "macro_auc": 0.918}},
        "dermamnist-c": {"Floor: colours": {"accuracy": 0.838, "macro_auc": 0.956}},
    }
)
