"""The words of the classifiers' pages: what each figure, split and operating point is called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from app.results.wording import SPACE

# name of a split -> whose photographs, and how they were divided
SPLITS: Mapping[str, str] = MappingProxyType(
    {
        "ham7-grouped": "HAM10000, divided by lesion",
        "ham7-random": "HAM10000, divided by photograph, as often in the literature",
        "binary-stock": "Kaggle “Skin Cancer: Malignant vs. Benign”, in its own folders",
        "binary-grouped": "Kaggle “Skin Cancer: Malignant vs. Benign”, divided by lesion",
        "binary-ham": "HAM10000 as benign and malignant, divided by lesion",
        "dermamnist": "DermaMNIST benchmark",
        "dermamnist-c": "DermaMNIST benchmark, corrected version",
    }
)
TASKS: Mapping[str, str] = MappingProxyType({"ham7": "Seven classes", "binary": "Benign or malignant"})
OVERALL: Mapping[str, str] = MappingProxyType(
    {
        "accuracy": "Accuracy",
        "balanced_accuracy": "Balanced accuracy: the mean over classes of the share found",
        "macro_precision": "Precision, mean over classes",
        "macro_f1": "F1, mean over classes",
        "weighted_f1": "F1, weighted by class",
        "macro_auc": "AUC, mean over classes",
        "malignant_auc": "AUC, malignant against benign",
        "sensitivity_at_90_specificity": f"Sensitivity at 90{SPACE}% specificity",
        "sensitivity_at_95_specificity": f"Sensitivity at 95{SPACE}% specificity",
        "specificity_at_90_sensitivity": f"Specificity at 90{SPACE}% sensitivity",
        "specificity_at_95_sensitivity": f"Specificity at 95{SPACE}% sensitivity",
        "melanoma_recall_at_95_sensitivity": f"Melanomas found at 95{SPACE}% sensitivity",
        "accuracy_at_90_coverage": f"Accuracy where the surest 90{SPACE}% are answered",
        "accuracy_at_80_coverage": f"Accuracy where the surest 80{SPACE}% are answered",
        "ece": "Expected calibration error",
        "brier": "Brier score, 0 to 2",
    }
)
OF_CLASS: Mapping[str, str] = MappingProxyType(
    {"precision": "Precision", "recall": "Share found", "f1": "F1", "auc": "AUC"}
)
OF_GROUP: Mapping[str, str] = MappingProxyType(
    {
        "accuracy": "Accuracy",
        "balanced_accuracy": "Balanced accuracy",
        "macro_auc": "AUC, mean",
        "malignant_auc": "AUC, malignant",
        "sensitivity": "Sensitivity",
        "specificity": "Specificity",
    }
)
AT_POINT: Mapping[str, str] = MappingProxyType(
    {"sensitivity": "Sensitivity", "specificity": "Specificity", "melanoma_recall": "Melanomas found"}
)
ATTRIBUTES: Mapping[str, str] = MappingProxyType(
    {"age": "Age", "sex": "Sex", "site": "Body site", "native_px": "Height of the source photograph"}
)
PAINTED: Mapping[str, str] = MappingProxyType(
    {"border_only": f"Only the outer 15{SPACE}% of the photograph", "lesion_blanked": "The lesion painted out"}
)
REFUSED: Mapping[str, str] = MappingProxyType(
    {"refused_lesions": "Test photographs of lesions", "refused_other_things": "Photographs of other things"}
)
OF_VIEW: Mapping[str, str] = MappingProxyType(
    {"by_view": "Another class", "side_by_view": "Other side", "accuracy_by_view": "Accuracy"}
)
NUMBERS: Mapping[int, str] = MappingProxyType({2: "two", 3: "three", 4: "four", 5: "five"})
ORDINALS = ("first", "second", "third", "fourth", "fifth")  # networks of one classifier
AREAS = frozenset({"auc", "macro_auc", "malignant_auc", "ece", "brier", "f1", "macro_f1", "weighted_f1"})


def share(value: float) -> str:
    """Write a measured share in percent, with one decimal."""
    return f"{value * 100:.1f}{SPACE}%"


def spoken(name: str) -> str:
    """Write a name of the card as words."""
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]


def aim(point: str) -> str:
    """Say what an operating point was chosen for: ``sensitivity_95`` is 95 % sensitivity."""
    figure, _, percent = point.rpartition("_")
    return f"{percent}{SPACE}% {figure}" if percent.isdigit() else spoken(point)


def architecture(names: Sequence[str]) -> str:
    """Say what a classifier's networks are, by the architecture of each, and how several answer as one."""
    if len(names) == 1:
        return names[0]
    different = " and ".join(dict.fromkeys(names))
    return f"{different}: {NUMBERS.get(len(names), len(names))} networks, whose answers are averaged"


def where(split: str) -> str:
    """Say in words whose photographs a split holds."""
    return SPLITS.get(split, "Another collection")
